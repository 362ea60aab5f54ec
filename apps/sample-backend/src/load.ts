import { freemem, totalmem } from "node:os";

/** What `/health` tells about this process. */
export interface Load {
  /** Share of one CPU core used since the sample before: 0.5 is half a core; worker threads may take it above 1. */
  readonly cpu: number;
  /** Share of the machine's memory that this process holds, 0 to 1. */
  readonly memory: number;
  /** Resident memory, bytes. */
  readonly rss: number;
  /** Heap in use, bytes. */
  readonly heapUsed: number;
  /** Memory free on the machine, bytes. */
  readonly free: number;
  /** Requests that are being answered now. */
  readonly active: number;
}

/** Where the figures come from; the defaults read this process. */
export interface LoadSources {
  /** Milliseconds since the process started. */
  readonly uptime: () => number;
  /** CPU time used since the process started, milliseconds. */
  readonly cpuTime: () => number;
  readonly memory: () => { readonly rss: number; readonly heapUsed: number };
}

const minWindow = 250;

const processSources: LoadSources = {
  uptime: () => process.uptime() * 1000,
  cpuTime: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  memory: () => process.memoryUsage(),
};

const round = (share: number): number => Math.round(share * 10_000) / 10_000;

/**
 * Makes a meter whose CPU share covers the time since its last sample. Samples closer than 250 ms share one
 * window, so that several health checkers do not spoil each other's figure.
 */
export function createLoadMeter(sources: LoadSources = processSources): (active: number) => Load {
  let at = 0;
  let used = 0;
  let cpu = 0;
  return (active) => {
    const now = sources.uptime();
    if (now - at >= minWindow || at === 0) {
      const cpuTime = sources.cpuTime();
      cpu = round((cpuTime - used) / (now - at));
      at = now;
      used = cpuTime;
    }
    const { rss, heapUsed } = sources.memory();
    return { cpu, memory: round(rss / totalmem()), rss, heapUsed, free: freemem(), active };
  };
}

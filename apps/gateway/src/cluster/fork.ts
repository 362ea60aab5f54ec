import cluster from "node:cluster";
import type { ToPrimary, ToWorker } from "./messages.ts";

/** How a process ended: its exit code, or the signal that ended it. */
export type Ended = number | NodeJS.Signals;

export interface ForkEvents {
  message(message: ToPrimary): void;
  exit(how: Ended): void;
}

/** A worker's process, from outside. */
export interface Forked {
  readonly pid: number;
  /** What cannot be sent any more is dropped: its end is told by `exit`. */
  send(message: ToWorker): void;
  /** Ends it at once. */
  kill(): void;
}

export type Fork = (events: ForkEvents) => Forked;

/**
 * Starts a process of the same program with the same arguments. The primary accepts connections and deals them out in turn,
 * so that each worker has its share of few long ones as well (decision 9). Structured clones, since configs know Infinity.
 */
export const fork: Fork = (events) => {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  cluster.setupPrimary({ serialization: "advanced" });
  const worker = cluster.fork();
  worker.on("message", (message: ToPrimary) => events.message(message));
  worker.on("error", () => undefined);
  worker.on("exit", (code: number | null, signal: NodeJS.Signals | null) => events.exit(signal ?? code ?? 0));
  return {
    pid: worker.process.pid ?? 0,
    send: (message) => void (worker.isConnected() && worker.send(message, () => undefined)),
    kill: () => worker.process.kill("SIGKILL"),
  };
};

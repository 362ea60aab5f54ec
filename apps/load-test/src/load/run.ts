import { isUtf8 } from "node:buffer";
import { setTimeout as wait } from "node:timers/promises";
import autocannon, { type Client, type Request } from "autocannon";
import { createArrivals } from "./arrivals.ts";
import type { AutocannonClient } from "./autocannon-client.ts";
import { createDispatcher } from "./dispatcher.ts";
import { PacedLink } from "./paced-link.ts";
import { createRecorder, type Measured, type Progress } from "./recorder.ts";

/** What to send, where and how fast. */
export interface Plan {
  readonly url: URL;
  readonly method: NonNullable<Request["method"]>;
  readonly headers: Readonly<Record<string, string>>;
  /** `[<id>]` in the body, the URL or a field's value becomes an id of its own in each request, where the body is text. */
  readonly body: Buffer | undefined;
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Connections opened at the start, and the most that are opened when requests would have to wait. */
  readonly connections: { readonly open: number; readonly most: number };
  /** Seconds after which a request without an answer is given up; a whole number. */
  readonly timeout: number;
}

export interface RunResult {
  readonly measured: Measured;
  /** From the first request until the last was sent, and at least the time planned; seconds. */
  readonly seconds: number;
  readonly interrupted: boolean;
  /** The most that the tester itself was late with a request, ms. */
  readonly testerLag: number;
}

/** When the time is over, requests that wait for a connection get so long; when it is stopped, open ones do; ms. */
const grace = 1000;
/** So long may connecting ahead of the first request take, ms. */
const warmUp = 2000;
/** Autocannon is told when to end; its own duration, in seconds, only has to be longer and to fit a timer. */
const endless = 2_000_000;

/** Autocannon writes ids by way of text, which would spoil other bodies. */
function hasIds({ url, headers, body = Buffer.alloc(0) }: Plan): boolean {
  const places = [url.href.replaceAll("%3Cid%3E", "<id>"), ...Object.values(headers), body];
  return isUtf8(body) && places.some((place) => place.includes("[<id>]"));
}

class Run {
  readonly #plan: Plan;
  readonly #signal: AbortSignal;
  readonly #recorder = createRecorder();
  readonly #dispatcher = createDispatcher();
  readonly #links: PacedLink[] = [];
  #start = performance.now();
  /** Called whenever a request ended. */
  #changed: (() => void) | undefined;

  constructor(plan: Plan, signal: AbortSignal) {
    this.#plan = plan;
    this.#signal = signal;
  }

  readonly #now = (): number => performance.now() - this.#start;

  progress(): Progress {
    return this.#recorder.progress();
  }

  async execute(): Promise<RunResult> {
    const stop = this.#startAutocannon();
    const ahead = this.#links.slice(0, this.#plan.connections.open).map((link) => link.connect());
    await Promise.race([Promise.all(ahead), wait(warmUp, undefined, { signal: this.#signal }).catch(() => undefined)]);
    this.#start = performance.now();
    const testerLag = await this.#pace();
    const window = this.#signal.aborted ? this.#now() : this.#plan.seconds * 1000;
    await this.#finish();
    const interrupted = this.#signal.aborted;
    const measured = this.#recorder.measured();
    await stop();
    return { measured, seconds: Math.max(window, this.#recorder.lastSent()) / 1000, interrupted, testerLag };
  }

  #startAutocannon(): () => Promise<void> {
    const { url, method, headers, body, connections, timeout } = this.#plan;
    const { answered, failed, sent } = this.#recorder;
    const free = (link: PacedLink): void => {
      this.#dispatcher.free(link);
      this.#changed?.();
    };
    const events = { now: this.#now, sent, answered, failed, free };
    const options: autocannon.Options = {
      url: url.href,
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      idReplacement: hasIds(this.#plan),
      connections: connections.most,
      duration: endless,
      timeout,
      sampleInt: 50,
      setupClient: (client: Client) => {
        this.#links.push(new PacedLink(client as Client & AutocannonClient, method, events));
      },
    };
    const ended = Promise.withResolvers<void>();
    const instance = autocannon(options, (error: unknown) => (error ? ended.reject(error) : ended.resolve()));
    return () => {
      instance.stop();
      return ended.promise;
    };
  }

  /** Sends each request when it is due. Gives how late the tester itself was at most, ms. */
  async #pace(): Promise<number> {
    const arrivals = createArrivals(this.#plan.rate, this.#plan.seconds);
    let lag = 0;
    for (let next = arrivals.next(); next !== undefined; next = arrivals.next()) {
      const early = next - this.#now();
      if (early > 0) await wait(early, undefined, { signal: this.#signal }).catch(() => undefined);
      if (this.#signal.aborted) break;
      const now = this.#now();
      lag = Math.max(lag, now - next);
      // Its clock runs from here, not from `next`: a timer that fires late is not the target's fault.
      for (let due = arrivals.take(now); due > 0; due -= 1) this.#dispatcher.arrive(now);
    }
    return lag;
  }

  async #finish(): Promise<void> {
    const dispatcher = this.#dispatcher;
    const idle = (): boolean => dispatcher.busy() === 0;
    await this.#until(() => dispatcher.waiting() === 0 || this.#signal.aborted, grace);
    const dropped = dispatcher.giveUp();
    if (!this.#signal.aborted) for (const due of dropped) this.#recorder.unsent(due, this.#now());
    await this.#until(() => idle() || this.#signal.aborted, this.#plan.timeout * 1000 + grace);
    await this.#until(idle, grace);
  }

  async #until(done: () => boolean, ms: number): Promise<void> {
    const enough = new AbortController();
    const check = (): void => {
      if (done()) enough.abort();
    };
    this.#changed = check;
    this.#signal.addEventListener("abort", check);
    check();
    await wait(ms, undefined, { signal: enough.signal }).catch(() => undefined);
    this.#signal.removeEventListener("abort", check);
    this.#changed = undefined;
  }
}

/** Sends the load and measures what comes back. Each second `onSecond` is told how far it is; `signal` stops it early. */
export async function runLoad(
  plan: Plan,
  signal: AbortSignal,
  onSecond: (progress: Progress) => void,
): Promise<RunResult> {
  const run = new Run(plan, signal);
  const timer = setInterval(() => onSecond(run.progress()), 1000);
  try {
    return await run.execute();
  } finally {
    clearInterval(timer);
  }
}

import type { Second, Summary } from "../summary.ts";
import { createHistogram } from "./histogram.ts";
import { createTally } from "./tally.ts";

/** When a request was due and when it was sent; ms on the run's clock. */
export interface Times {
  readonly due: number;
  readonly sent: number;
}

/** What an answer told. */
export interface Answer {
  readonly status: number;
  readonly bytes: number;
  /** X-Cache. */
  readonly cache: string | undefined;
  /** X-Backend-Server. */
  readonly backend: string | undefined;
}

/** How far a run is. */
export interface Progress {
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
}

export type Measured = Pick<
  Summary,
  "requests" | "latency" | "serviceTime" | "statuses" | "errors" | "cache" | "backends" | "series"
>;

export interface Recorder {
  sent(now: number): void;
  answered(answer: Answer, times: Times, now: number): void;
  /** No answer came. Only a time-out counts as latency: a fast refusal must not make the target look fast. */
  failed(kind: string, times: Times, now: number): void;
  /** Due, but given up before a connection was free; it counts with the time that it had waited. */
  unsent(due: number, now: number): void;
  progress(): Progress;
  /** When the last request was sent; ms on the run's clock. */
  lastSent(): number;
  measured(): Measured;
}

/** Seconds of the run, one after the other; a summary of each stays when the next begins. */
function createSeries() {
  const histogram = createHistogram();
  const done: Second[] = [];
  let open = { sent: 0, answered: 0, failed: 0 };
  const close = (): Second => ({ second: done.length, ...open, p50: histogram.at(50), p99: histogram.at(99) });
  return {
    at(now: number): typeof open {
      while (Math.floor(now / 1000) > done.length) {
        done.push(close());
        open = { sent: 0, answered: 0, failed: 0 };
        histogram.reset();
      }
      return open;
    },
    record: histogram.record,
    seconds: (): Second[] => [...done, close()],
  };
}

function cacheSummary(results: Record<string, number>): Summary["cache"] {
  const { HIT = 0, STALE = 0 } = results;
  const all = Object.values(results).reduce((sum, value) => sum + value, 0);
  return all === 0 ? null : { results, hitRatio: (HIT + STALE) / all };
}

/** Gathers what happens in a run. All times are ms since its start. */
export function createRecorder(): Recorder {
  const latency = createHistogram();
  const serviceTime = createHistogram();
  const series = createSeries();
  const [statuses, errors, cache, backends] = [createTally(), createTally(), createTally(), createTally()];
  const requests = { sent: 0, answered: 0, failed: 0, unsent: 0, bytesReceived: 0 };
  let lastSent = 0;
  return {
    sent(now) {
      requests.sent += 1;
      series.at(now).sent += 1;
      lastSent = now;
    },
    answered(answer, times, now) {
      requests.answered += 1;
      requests.bytesReceived += answer.bytes;
      series.at(now).answered += 1;
      series.record(now - times.due);
      latency.record(now - times.due);
      serviceTime.record(now - times.sent);
      statuses.add(String(answer.status));
      if (answer.cache !== undefined) cache.add(answer.cache);
      if (answer.backend !== undefined) backends.add(answer.backend);
    },
    failed(kind, times, now) {
      requests.failed += 1;
      series.at(now).failed += 1;
      errors.add(kind);
      if (kind !== "timeout") return;
      latency.record(now - times.due);
      serviceTime.record(now - times.sent);
    },
    unsent(due, now) {
      requests.unsent += 1;
      latency.record(now - due);
    },
    progress: () => requests,
    lastSent: () => lastSent,
    measured: () => ({
      requests: { ...requests, unfinished: requests.sent - requests.answered - requests.failed },
      latency: latency.summary(),
      serviceTime: serviceTime.summary(),
      statuses: statuses.counts(),
      errors: errors.counts(),
      cache: cacheSummary(cache.counts()),
      backends: backends.counts(),
      series: series.seconds(),
    }),
  };
}

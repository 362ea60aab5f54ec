import { z } from "zod";

const count = z.number().int().nonnegative();
const counts = z.record(z.string(), count);

const latency = z.object({
  min: z.number(),
  mean: z.number(),
  max: z.number(),
  /** By name: `p50`, `p99.9`; which ones: see `percentiles`. */
  percentiles: z.record(z.string(), z.number()),
});

const second = z.object({
  /** Which second of the run, from 0. */
  second: count,
  sent: count,
  answered: count,
  failed: count,
  /** Of the answers that came in this second; null where none came. */
  p50: z.number().nullable(),
  p99: z.number().nullable(),
});

/** What `--json` writes and `--compare` reads. Times are milliseconds, rates requests a second. */
export const summarySchema = z.object({
  version: z.literal(1),
  startedAt: z.iso.datetime(),
  target: z.object({ method: z.string(), url: z.string() }),
  asked: z.object({ rate: z.number(), seconds: z.number(), requests: count, connections: count }),
  /** From the first request until the last was sent, and at least the time that was asked for; seconds. */
  seconds: z.number(),
  /** It was stopped before its time. */
  interrupted: z.boolean(),
  requests: z.object({
    sent: count,
    answered: count,
    /** Sent, and no answer came: see `errors`. */
    failed: count,
    /** Due, but no connection became free for them in time. */
    unsent: count,
    /** Still open when the run was stopped. */
    unfinished: count,
    bytesReceived: count,
  }),
  /** Answers a second. */
  rate: z.number(),
  /** From the moment a request was due, so free of coordinated omission; null where nothing was measured. */
  latency: latency.nullable(),
  /** From the moment a request was sent: what a closed-loop tester would have shown. */
  serviceTime: latency.nullable(),
  statuses: counts,
  /** Requests without an answer, by kind: an error code such as ECONNRESET, or `timeout`, or `closed early`. */
  errors: counts,
  /** By X-Cache; null where no answer had the field. */
  cache: z.object({ results: counts, hitRatio: z.number() }).nullable(),
  /** Answers by X-Backend-Server; empty where no answer had the field. */
  backends: counts,
  series: z.array(second),
  /** The most that the tester itself was late in sending, ms: a large figure means that it was overloaded. */
  testerLag: z.number(),
});

export type Summary = z.infer<typeof summarySchema>;
export type Latency = z.infer<typeof latency>;
export type Second = z.infer<typeof second>;

/** The percentiles that a summary holds. */
export const percentiles: readonly number[] = [
  10, 20, 30, 40, 50, 60, 70, 75, 80, 90, 95, 98, 99, 99.5, 99.9, 99.95, 99.99,
];

/** Adds counts up. */
export function total(values: Readonly<Record<string, number>>): number {
  return Object.values(values).reduce((sum, value) => sum + value, 0);
}

/** Answers outside of 200 to 299. */
export function non2xx({ statuses }: Pick<Summary, "statuses">): number {
  return total(Object.fromEntries(Object.entries(statuses).filter(([status]) => !status.startsWith("2"))));
}

/** Requests that got no answer, or one of 400 and above. */
export function errorCount({ requests, statuses }: Pick<Summary, "requests" | "statuses">): number {
  const refused = Object.entries(statuses).filter(([status]) => Number(status) >= 400);
  return requests.failed + requests.unsent + total(Object.fromEntries(refused));
}

/** All requests that count: those sent and those that should have been. */
export function attempted({ requests }: Pick<Summary, "requests">): number {
  return requests.sent + requests.unsent;
}

/** Whether the target was served at the asked rate, within one per cent. */
export function rateMet(summary: Pick<Summary, "rate" | "asked">): boolean {
  return summary.rate >= summary.asked.rate * 0.99;
}

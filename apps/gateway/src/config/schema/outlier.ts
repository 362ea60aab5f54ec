import { z } from "zod";
import { count, duration, factor, share } from "./fields.ts";

/** How many in a row; false for no such rule. */
const inARow = () => z.union([z.literal(false), count(1, 10_000)], { error: "a whole number from 1, or false" });

const successRate = z
  .union(
    [
      z.literal(false),
      z.strictObject({
        deviations: factor(0.1, 10)
          .prefault(1.9)
          .describe("Standard deviations below the mean of all that are too many."),
        minimumBackends: count(2).prefault(5).describe("Backends with enough requests that it takes to compare."),
        minimumRequests: count(1).prefault(100).describe("Requests of an interval that are enough."),
      }),
    ],
    { error: "an object such as { deviations: 1.9 }, or false" },
  )
  .prefault(false)
  .describe("Ejects a backend whose share of good answers is far below the others'.");

const latency = z
  .union(
    [
      z.literal(false),
      z.strictObject({
        factor: factor(1, 1000).prefault(5).describe("Multiple of the pool's median latency that is too high."),
        minimumBackends: count(2).prefault(3).describe("Backends with enough requests that it takes to compare."),
        minimumRequests: count(1).prefault(20).describe("Requests of an interval that are enough."),
        least: duration().prefault("100ms").describe("Below this no latency is too high."),
      }),
    ],
    { error: "an object such as { factor: 5 }, or false" },
  )
  .prefault(false)
  .describe("Ejects a backend that is several times slower than the others.");

export const outlier = z
  .union(
    [
      z.literal(false),
      z.strictObject({
        consecutiveFaults: inARow()
          .prefault(5)
          .describe("Faults in a row that eject: no whole answer, 502, 503 or 504. `false` for none."),
        consecutive5xx: inARow().prefault(false).describe("Answers of 500 and above, or faults, in a row that eject."),
        successRate,
        latency,
        ejection: duration()
          .prefault("30s")
          .describe(
            "How long the first ejection lasts; the n-th lasts n times as long. A good health check ends a first one early.",
          ),
        longest: duration().prefault("5m").describe("The longest an ejection lasts."),
        maxEjected: share().prefault("10%").describe("Share of the pool that may be ejected; one backend always may."),
        interval: duration({ min: 100 })
          .prefault("10s")
          .describe("How often rates and latencies are compared; each one without an ejection shortens the next."),
      }),
    ],
    { error: "an object such as { consecutive5xx: 5 }, or false" },
  )
  .prefault({})
  .describe(
    "Passive health: a backend whose traffic shows that it fails is put aside (EJECTED) for a while, though never the last one. `false` turns it off.",
  );

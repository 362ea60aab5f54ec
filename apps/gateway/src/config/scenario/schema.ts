import { z } from "zod";
import { zone } from "../schema/backends.ts";
import { balancing } from "../schema/balancing.ts";
import { count, duration, factor, text } from "../schema/fields.ts";
import { pool, timeouts } from "../schema/pools.ts";
import { fault } from "./faults.ts";

/** More would take minutes for each policy. */
const MOST_ARRIVALS = 5_000_000;

const arrivals = z
  .strictObject({
    process: z
      .enum(["poisson", "constant"])
      .prefault("poisson")
      .describe("`poisson` comes at random moments, as independent clients do; `constant` evenly."),
    rate: factor(0.001, 1_000_000).prefault(300).describe("Requests a second."),
    duration: duration().prefault("60s").describe("How long they come."),
  })
  .refine(({ rate, duration }) => rate * duration <= MOST_ARRIVALS * 1000, {
    error: `a rate and a duration of at most ${MOST_ARRIVALS} requests in all`,
  })
  .prefault({})
  .describe("When requests come.");

const service = z
  .strictObject({
    distribution: z
      .enum(["constant", "exponential", "log-normal", "pareto"])
      .prefault("exponential")
      .describe("How service times are spread; `log-normal` and `pareto` have long tails."),
    mean: duration().prefault("10ms").describe("Their mean, for a backend of speed 1 that works on nothing else."),
    sigma: factor(0.01, 5).prefault(1).describe("Of log-normal: deviation of the logarithm."),
    alpha: factor(1.01, 100).prefault(2).describe("Of pareto: the nearer to 1, the longer the tail."),
  })
  .prefault({})
  .describe("How long a backend works on one attempt.");

const keys = z
  .strictObject({
    count: count(1, 1_000_000).prefault(1000).describe("How many different keys there are."),
    exponent: factor(0, 10)
      .prefault(1)
      .describe("The nth most frequent key comes in proportion to 1 / n^exponent (Zipf); 0: all alike."),
  })
  .prefault({})
  .describe("What consistent hashing goes by.");

const backend = z.strictObject({
  name: text(/^[0-9A-Za-z][0-9A-Za-z._-]*$/, "a name of letters, digits, dots, dashes and underscores")
    .optional()
    .describe("Its name; of several the beginning of their names. Without it: backend."),
  count: count(1, 10_000).prefault(1).describe("How many there are of the kind."),
  speed: factor(0.001, 1000).prefault(1).describe("2 takes half the time."),
  concurrency: count(1)
    .optional()
    .describe("Attempts it works on at a time; others wait in its line. Without it: any number."),
  weight: count(1, 1000).prefault(1).describe("As in the config."),
  priority: count(0, 100).optional().describe("As in the config."),
  zone: zone.optional().describe("As in the config."),
  requests: count(1).optional().describe("Attempts in flight there at most, as `limits.requests` in the config."),
  faults: z.array(fault, { error: "a list of faults" }).prefault([]).describe("What is wrong with it, and when."),
});

/** The part of a pool's config that matters without sockets. */
const poolPart = pool
  .pick({
    zone: true,
    panic: true,
    subset: true,
    slowStart: true,
    health: true,
    outlier: true,
    retries: true,
    hedging: true,
    limits: true,
    breaker: true,
    concurrency: true,
  })
  .extend({ timeouts })
  .prefault({})
  .describe("The pool, as in the config: its health checks, retries and so on.");

/** A load over a pool, for `headgate simulate`. */
export const scenarioSchema = z.strictObject(
  {
    $schema: z.string().optional(),
    seed: count(0, 0xffff_ffff).prefault(1).describe("The same seed gives the same figures."),
    arrivals,
    service,
    keys,
    backends: z
      .array(backend, { error: "a list of backends" })
      .min(1, "at least one backend")
      .describe("The backends."),
    pool: poolPart,
    policies: z
      .array(balancing, { error: "a list of policies" })
      .min(1, "at least one policy")
      .optional()
      .describe("What is compared, each as `balancing` in the config. Without it: all."),
  },
  { error: "an object with backends" },
);

export type ScenarioConfig = z.output<typeof scenarioSchema>;

import { z } from "zod";
import { count, duration, factor, share } from "./fields.ts";

/** Bounds of one backend. */
export const backendLimits = z
  .strictObject({
    connections: count(1).optional().describe("Connections to it at most, idle ones included. Without it: no limit."),
    requests: count(1).optional().describe("Requests in flight there at most. Without it: no limit."),
  })
  .describe("Bounds of one backend.");

export const limits = z
  .strictObject({
    connections: count(1)
      .optional()
      .describe("Connections in use at most, over all backends, WebSockets included. Without it: no limit."),
    requests: count(1).optional().describe("Requests in flight at most, over all backends. Without it: no limit."),
    perBackend: backendLimits
      .optional()
      .describe("The same for each backend; a backend's own `limits` go before these."),
    waiting: count(0)
      .prefault(1024)
      .describe("Requests that wait for room at most, first come, first served; over it 503. 0: none waits."),
    wait: duration().prefault("1s").describe("How long one waits for room before it gets 503."),
  })
  .prefault({})
  .describe("Bounds of what the backends get at a time.");

export const breaker = z
  .union(
    [
      z.literal(false),
      z.strictObject({
        failures: share(0.01).prefault("50%").describe("Share of failed attempts at which it opens."),
        minimum: count(1).prefault(20).describe("Attempts within the window that it takes to judge."),
        window: duration({ min: 100 }).prefault("10s").describe("How far it looks back."),
        open: duration()
          .prefault("5s")
          .describe("How long it stays open the first time; each time that its probes fail, twice as long."),
        longest: duration().prefault("60s").describe("The longest it stays open."),
        probes: count(1, 1000).prefault(3).describe("Requests that are let through to see; all must succeed."),
      }),
    ],
    { error: "an object such as { failures: 50% }, or false" },
  )
  .prefault(false)
  .describe("Circuit breaker of the pool: while most attempts fail, requests get 503 with Retry-After at once.");

const adaptive = z
  .strictObject({
    algorithm: z
      .enum(["gradient", "aimd"])
      .describe("`gradient` falls as latency rises above its long average, `aimd` by a tenth with each drop."),
    initial: count(1).prefault(20).describe("Limit to begin with."),
    min: count(1).prefault(4).describe("Lowest limit."),
    max: count(1).prefault(1024).describe("Highest limit."),
    tolerance: factor(1, 10)
      .optional()
      .describe("Only for gradient: how far latency may rise above its long average. Default 1.5."),
    latency: duration().optional().describe("Only for aimd: a latency above this counts as a drop. Default none."),
  })
  .superRefine(({ algorithm, tolerance, latency, min, initial, max }, { addIssue }) => {
    const foreign = algorithm === "aimd" ? { tolerance } : { latency };
    for (const [key, value] of Object.entries(foreign)) {
      if (value !== undefined)
        addIssue({ code: "custom", path: [key], message: `nothing, since the algorithm is ${algorithm}` });
    }
    if (initial < min || initial > max)
      addIssue({ code: "custom", path: ["initial"], message: `a whole number from min to max, ${min} to ${max}` });
  });

export const concurrency = z
  .union([z.literal(false), z.enum(["gradient", "aimd"]), adaptive], {
    error: "gradient, aimd, an object such as { algorithm: gradient, max: 200 }, or false",
  })
  .prefault(false)
  .describe("A limit of requests in flight that finds itself, by how the backends' latency and failures follow it.");

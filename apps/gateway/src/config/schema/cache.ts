import { z } from "zod";
import { count, duration, size } from "./fields.ts";
import { redis } from "./redis.ts";

const YEAR = 365 * 86_400_000;

/** Lifetime of a response without explicit freshness; it is compared, never waited for, so a timer's limit does not apply. */
export const ttl = () => duration({ min: 0, max: YEAR });

export const cache = z
  .strictObject({
    entries: count(0)
      .prefault(1000)
      .describe("Responses kept at most; those least likely to be asked for again go first. 0 keeps none."),
    memory: size()
      .prefault("64MiB")
      .describe(
        "Bytes kept at most, bodies and fields together; whichever bound is reached first holds. Bodies on their way into the cache may take as much again. What is kept beside bodies also stays below half of Node's heap (about 2 GiB where memory is ample; `NODE_OPTIONS=--max-old-space-size=<MiB>`).",
      ),
    ttl: ttl()
      .prefault("300s")
      .describe(
        "Lifetime of a cacheable response that names none itself. 0 turns it off: only what RFC 9111 says is fresh is reused.",
      ),
    objectSize: size().prefault("8MiB").describe("Largest body that is kept; a larger one passes through."),
    redis: redis.optional(),
  })
  .prefault({})
  .describe("The response cache: in memory, and in Redis where several gateways are to share it.");

import { parseRedisUrl } from "@headgate/redis";
import { z } from "zod";
import { clientTls } from "./client-tls.ts";
import { duration, flag, size, text } from "./fields.ts";

const EXPECTED = "a Redis URL such as redis://127.0.0.1:6379 or rediss://user:password@redis.internal:6379/1";

const url = z
  .string({ error: EXPECTED })
  .refine((written) => parseRedisUrl(written) !== undefined, EXPECTED)
  .meta({ credentials: true });

const urls = z
  .union([url, z.array(url, { error: EXPECTED }).min(1, "at least one URL")], {
    error: `${EXPECTED}, or a list of them`,
  })
  .transform((written) => (typeof written === "string" ? [written] : written));

export const redis = z
  .strictObject(
    {
      url: urls.describe(
        "Where Redis (6.2 or newer) or Valkey is: `redis://[user:password@]host[:port][/database]`, `rediss://` with TLS. Of a cluster, some of its nodes.",
      ),
      cluster: flag().prefault(false).describe("Whether the URLs are nodes of a Redis Cluster."),
      timeout: duration({ max: 60_000 })
        .prefault("50ms")
        .describe("Longest wait for any reply. Then the gateway goes on from memory and its backends."),
      prefix: text(/^[!-z|~]{1,64}$/, "1 to 64 visible ASCII characters without braces")
        .prefault("headgate:")
        .describe("Begins the name of every key and channel. Gateways that share have the same."),
      memoryTtl: duration({ min: 0 })
        .prefault("5s")
        .describe("How long memory answers without asking Redis whether that is still what is stored."),
      objectSize: size()
        .prefault("1MiB")
        .describe("Largest response that is shared, with all others of its URL; larger ones stay in memory."),
      tls: clientTls("server").describe("For `rediss://` URLs."),
    },
    { error: "an object with url" },
  )
  .describe("Shares the cache with other gateways: entries, purges, and who fetches what is missing.");

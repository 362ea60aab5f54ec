import { z } from "zod";
import type { Logger } from "../observability/log.ts";
import type { CacheAdmin, PurgeMode, PurgeSelector } from "./cache-admin.ts";
import { parseInput } from "./input.ts";
import { AdminProblem } from "./problem.ts";
import { type AdminReply, json } from "./reply.ts";
import type { AdminRoute } from "./router.ts";

const EXAMPLE =
  '{"url": "https://localhost:8443/test"}, {"prefix": "https://localhost:8443/blog/"}, {"tag": "news"} or {"all": true}';

const text = z.string({ error: "expected text" }).min(1, "expected text, not nothing");

const PURGE = z
  .strictObject({
    url: text.optional(),
    prefix: text.optional(),
    tag: text.optional(),
    all: z.literal(true, { error: "expected true" }).optional(),
    soft: z.boolean({ error: "expected true or false" }).optional(),
  })
  .refine(({ soft: _, ...selectors }) => Object.keys(selectors).length === 1, {
    error: "expected exactly one of url, prefix, tag and all",
  });

/** Turns a purge as it was written into the entries and the manner it means. */
function readPurge(body: unknown): { selector: PurgeSelector; mode: PurgeMode } {
  const { url, prefix, tag, soft = false } = parseInput(PURGE, body, EXAMPLE);
  const mode = soft ? "soft" : "hard";
  if (url !== undefined) return { selector: { kind: "url", url }, mode };
  if (prefix !== undefined) return { selector: { kind: "prefix", prefix }, mode };
  if (tag !== undefined) return { selector: { kind: "tag", tag }, mode };
  return { selector: { kind: "all" }, mode };
}

/** The same from a query: `?url=U`, `?tag=T&soft=true`; without a selector, everything is meant. */
function bodyOfQuery(query: URLSearchParams): unknown {
  const flags = new Set(["soft", "all"]);
  const read = (name: string, value: string): unknown => (flags.has(name) ? value !== "false" : value);
  const fields = Object.fromEntries([...query].map(([name, value]) => [name, read(name, value)]));
  const selects = ["url", "prefix", "tag", "all"].some((name) => query.has(name));
  return selects ? fields : { ...fields, all: true };
}

/** The part of the API that shows and empties the cache; `cache` is null where it is turned off. */
export function cacheRoutes(cache: CacheAdmin | null, logger: Logger): readonly AdminRoute[] {
  const present = (): CacheAdmin => {
    if (cache === null) throw new AdminProblem("not-found", "The cache is turned off in the config.");
    return cache;
  };

  const purge = async (input: unknown): Promise<AdminReply> => {
    const { selector, mode } = readPurge(input);
    const purged = await present().purge(selector, mode);
    logger.info({ selector, mode, purged }, "cache purged");
    return json({ purged, mode });
  };

  return [
    ["GET", "/api/cache", () => json(present().stats())],
    ["DELETE", "/api/cache", ({ query, body }) => purge(body ?? bodyOfQuery(query))],
    ["POST", "/api/cache/purge", ({ body }) => purge(body)],
  ];
}

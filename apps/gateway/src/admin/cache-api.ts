import { z } from "zod";
import type { CacheResult } from "../observability/exchange-tallies.ts";
import type { Logger } from "../observability/log.ts";
import type { Metrics } from "../observability/metrics.ts";
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

export interface CacheApiParts {
  /** Null where the cache is turned off. */
  readonly cache: CacheAdmin | null;
  readonly metrics: Omit<Metrics, "record" | "merge">;
  readonly logger: Logger;
}

/** Reasons that are told; there are more only where somebody sends nonsense. */
const MOST = 30;

/** How often each result was had, and why it was not a hit. */
function tellResults(list: readonly CacheResult[]): { results: Record<string, number>; reasons: CacheResult[] } {
  const results: Record<string, number> = {};
  for (const { result, count } of list) results[result] = (results[result] ?? 0) + count;
  return { results, reasons: list.filter(({ reason }) => reason !== "").slice(0, MOST) };
}

/** The part of the API that shows and empties the cache. */
export function cacheRoutes({ cache, metrics, logger }: CacheApiParts): readonly AdminRoute[] {
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
    ["GET", "/api/cache", () => json({ ...present().stats(), ...tellResults(metrics.cacheResults()) })],
    ["DELETE", "/api/cache", ({ query, body }) => purge(body ?? bodyOfQuery(query))],
    ["POST", "/api/cache/purge", ({ body }) => purge(body)],
  ];
}

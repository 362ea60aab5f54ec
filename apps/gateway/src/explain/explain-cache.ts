import {
  type CachePolicy,
  type CacheRequest,
  type CacheStore,
  type Demands,
  type LookupPlan,
  type MaybePromise,
  planInvalidation,
  planLookup,
  planRequest,
  planStale,
  planStore,
  type RequestPlan,
  type StoredEntry,
  type Target,
  tellBypass,
  tellForward,
  tellHit,
  urlOfKey,
  xCache,
} from "@headgate/cache";
import { cacheRequest, cachingRulesOf } from "../caching/cache-request.ts";
import type { GuardedStore } from "../caching/guarded-store.ts";
import { holdContent } from "../caching/hold-content.ts";
import { policiesOfUrl } from "../caching/past-cache.ts";
import type { Clock } from "../clock.ts";
import type { Exchange } from "../exchange.ts";
import type { CacheTold, EntryTold, StoringTold } from "./explanation.ts";

export interface CacheExplainerParts {
  readonly store: Pick<GuardedStore, "isFilling"> & Pick<CacheStore, "peek">;
  readonly clock: Clock;
}

/** A cache that is not asked. */
const OFF: CacheTold = {
  ...{ result: "BYPASS", plan: "off", reason: "route", key: null, variants: 0, entry: null },
  ...{ standsIn: false, underWay: false, storing: null, invalidates: [] },
};

/** What the cache would do with an exchange that has a route, by the plans that its layer goes by. */
export async function explainCache(exchange: Exchange, hasBody: boolean, parts: CacheExplainerParts) {
  const rules = cachingRulesOf(exchange);
  if (rules === null) return OFF;
  if (exchange.upgrade !== null) return { ...OFF, reason: "upgrade" };
  const digest = exchange.head.method === "QUERY" && !hasBody ? await holdContent(exchange) : undefined;
  const request = cacheRequest(exchange, rules, hasBody, digest);
  const { policy } = rules;
  const plan = planRequest(request, policy);
  if (plan.kind === "lookup") return explainLookup(request, policy, plan, parts);
  const { fwd, detail } = tellBypass(plan.reason);
  const invalidates = invalidatedBy(exchange, request);
  return { ...OFF, plan: "bypass", reason: detail ?? fwd, invalidates } satisfies CacheTold;
}

type Lookup = Extract<RequestPlan, { kind: "lookup" }>;

async function explainLookup(
  request: CacheRequest,
  policy: CachePolicy,
  { key, demands }: Lookup,
  { store, clock }: CacheExplainerParts,
): Promise<CacheTold> {
  const now = clock.now();
  const variants = await found(store.peek(key, now));
  const plan = planLookup(request, demands, variants, now);
  const entry = entryOf(plan);
  const isAsked = plan.kind !== "hit" && plan.kind !== "stale" && plan.kind !== "unsatisfiable";
  return {
    ...told(plan),
    plan: plan.kind,
    key: { url: urlOfKey(key), parts: partsOf(policy, request) },
    variants: variants.length,
    entry: entry === undefined ? null : entryTold(entry, now),
    standsIn:
      isAsked && entry !== undefined && planStale(entry, demands, { kind: "disconnect" }, now).kind !== "refuse",
    underWay: isAsked && store.isFilling(key),
    storing: isAsked ? explainStoring(request, demands, policy, now) : null,
    invalidates: [],
  };
}

/** A store that fails is as good as empty, as it is for those who ask in earnest. */
async function found(variants: MaybePromise<readonly StoredEntry[]>): Promise<readonly StoredEntry[]> {
  try {
    return await variants;
  } catch {
    return [];
  }
}

function told(plan: LookupPlan): Pick<CacheTold, "result" | "reason"> {
  switch (plan.kind) {
    case "hit":
    case "stale": {
      const outcome = tellHit(plan);
      return { result: xCache(outcome), reason: outcome.detail ?? null };
    }
    case "unsatisfiable":
      return { result: "MISS", reason: "only-if-cached" };
    case "revalidate":
      return { result: "REVALIDATED", reason: plan.why };
    default: {
      const { fwd, detail } = tellForward(plan);
      return { result: "MISS", reason: detail ?? fwd };
    }
  }
}

function entryOf(plan: LookupPlan): StoredEntry | undefined {
  if (plan.kind === "unsatisfiable") return undefined;
  return plan.kind === "miss" ? plan.fallback : plan.entry;
}

function entryTold({ status, bornAt, expiresAt, size, backend, identity }: StoredEntry, now: number): EntryTold {
  return { status, age: Math.max(0, now - bornAt), ttl: expiresAt - now, size, backend, identity };
}

/** Names of what the key has beside the URL: their values may be secrets. */
function partsOf({ keyHeaders, keyCookies = [] }: CachePolicy, { method }: CacheRequest): string[] {
  const body = method === "QUERY" ? ["body"] : [];
  return [...keyHeaders.map((name) => `header ${name}`), ...keyCookies.map((name) => `cookie ${name}`), ...body];
}

/** A 200 with some content, and no word on caching. */
const SILENT = { status: 200, fields: ["Content-Type", "application/json"], backend: "" };

function explainStoring(request: CacheRequest, demands: Demands, policy: CachePolicy, now: number): StoringTold {
  const plan = planStore({ request, demands, policy, requestTime: now, responseTime: now, ...SILENT });
  if (plan.kind === "pass") return { kind: "pass", reason: plan.reason };
  const { expiresAt, identity } = plan.head;
  return { kind: "store", ttl: expiresAt - now, identity, largest: plan.maxBody };
}

function invalidatedBy({ generation }: Exchange, request: CacheRequest): string[] {
  const policiesOf = (target: Target): CachePolicy[] => policiesOfUrl(generation, target);
  const plan = planInvalidation(request, policiesOf, 200, []);
  if (plan.kind === "none") return [];
  return plan.urls.flatMap(({ purge }) => (purge.kind === "url" ? [purge.key] : []));
}

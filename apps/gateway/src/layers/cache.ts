import {
  type CacheKey,
  type CacheOutcome,
  type CachePolicy,
  type CacheRequest,
  type CacheStore,
  cacheStatus,
  conditionsFor,
  type Demands,
  type ForwardTold,
  planLookup,
  planRequest,
  type RequestPlan,
  type StoredEntry,
  tellBypass,
  tellForward,
  tellHit,
  xCache,
} from "@headgate/cache";
import { joinField, setField } from "@headgate/http";
import type { CacheNote, ForwardPlan } from "../caching/cache-note.ts";
import { type CachingRules, cacheRequest, cachingRulesOf, demandsOf } from "../caching/cache-request.ts";
import { holdContent } from "../caching/hold-content.ts";
import { serveEntry } from "../caching/serve-entry.ts";
import type { Clock } from "../clock.ts";
import type { Exchange } from "../exchange.ts";
import { GatewayError } from "../gateway-error.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import type { Layer } from "../layer.ts";

export interface CacheParts {
  readonly store: CacheStore;
  readonly clock: Clock;
  /** Validates a stale entry in the background. */
  readonly refresher: { refresh(exchange: Exchange, note: CacheNote): void };
  readonly storeFailed: (error: unknown) => void;
}

/** What is told where the route does not cache, and where no response comes that could be stored. */
const ROUTE_OFF: CacheOutcome = { kind: "forward", fwd: "bypass", detail: "route" };
const UPGRADE: CacheOutcome = { kind: "forward", fwd: "bypass", detail: "upgrade" };

/** Answers from stored responses (RFC 9111), and says of each response what the cache had to do with it and why. */
export function cache(parts: CacheParts): Layer {
  const { store, clock, storeFailed } = parts;

  function enter(exchange: Exchange, rules: CachingRules, bodyDigest: string | undefined, now: number) {
    const request = cacheRequest(exchange, rules, exchange.body !== null, bodyDigest);
    const { policy } = rules;
    const plan = planRequest(request, policy, demandsOf(exchange.head.section, policy));
    if (plan.kind === "lookup") return lookUp(exchange, { request, policy, plan, now });
    exchange.cache = newNote(request, policy, plan.demands, tellBypass(plan.reason), null, now);
    return undefined;
  }

  function lookUp(exchange: Exchange, asked: Asked) {
    const found = read(asked.plan.key, asked.now);
    if (!(found instanceof Promise)) return decide(parts, exchange, asked, found);
    return found.then((variants) => decide(parts, exchange, asked, variants));
  }

  /** A store that fails is as good as empty. */
  function read(key: CacheKey, now: number): readonly StoredEntry[] | Promise<readonly StoredEntry[]> {
    try {
      const found = store.get(key, now);
      return found instanceof Promise ? found.catch(failed) : found;
    } catch (error) {
      return failed(error);
    }
  }

  function failed(error: unknown): readonly StoredEntry[] {
    storeFailed(error);
    return [];
  }

  return {
    name: "cache",
    enter(exchange) {
      const rules = cachingRulesOf(exchange);
      if (rules === null || exchange.upgrade !== null) return undefined;
      // Nothing has been waited for.
      if (exchange.head.method !== "QUERY") return enter(exchange, rules, undefined, exchange.record.startedAt);
      return holdContent(exchange).then((bodyDigest) => enter(exchange, rules, bodyDigest, clock.now()));
    },
    leave(exchange, response) {
      tell(exchange, response, outcomeOf(exchange));
      return response;
    },
    fail(exchange) {
      if (exchange.cache !== null) tellRecord(exchange, outcomeOf(exchange));
      return undefined;
    },
    finish({ cache, record }) {
      const unstored = cache?.deposit?.unstored;
      if (unstored !== null && unstored !== undefined) record.cacheDetail = unstored;
    },
  };
}

type Lookup = Extract<RequestPlan, { kind: "lookup" }>;

interface Asked {
  readonly request: CacheRequest;
  readonly policy: CachePolicy;
  readonly plan: Lookup;
  readonly now: number;
}

function decide(
  { refresher }: CacheParts,
  exchange: Exchange,
  { request, policy, plan: { key, demands }, now }: Asked,
  variants: readonly StoredEntry[],
): GatewayResponse | undefined {
  const plan = planLookup(request, demands, variants, now);
  if (plan.kind === "unsatisfiable") {
    tellRecord(exchange, { kind: "refused", detail: "only-if-cached" });
    throw new GatewayError(
      "only-if-cached",
      "The request asks for a stored response only, and there is none that may be used.",
    );
  }
  if (plan.kind !== "hit" && plan.kind !== "stale") {
    exchange.cache = newNote(request, policy, demands, tellForward(plan), { key, plan }, now);
    return undefined;
  }
  if (plan.kind === "stale" && plan.revalidate) {
    const forward = revalidationOf(plan.entry);
    refresher.refresh(exchange, newNote(request, policy, demands, tellForward(forward), { key, plan: forward }, now));
  }
  const response = serveEntry(request, demands, plan.entry, now);
  tell(exchange, response, tellHit(plan));
  return response;
}

/** In the background: by its validators if it has any, else afresh. */
function revalidationOf(entry: StoredEntry): ForwardPlan {
  const conditions = conditionsFor(entry);
  if (conditions.length === 0) return { kind: "miss", why: "stale", fallback: entry };
  return { kind: "revalidate", entry, conditions, why: "stale" };
}

function newNote(
  request: CacheRequest,
  policy: CachePolicy,
  demands: Demands,
  told: ForwardTold,
  lookup: CacheNote["lookup"],
  at: number,
): CacheNote {
  return {
    request,
    policy,
    demands,
    told,
    lookup,
    at,
    deposit: null,
    stored: false,
    collapsed: false,
    served: undefined,
    fwdStatus: undefined,
    ttl: undefined,
    detail: undefined,
  };
}

function outcomeOf({ cache: note, upgrade }: Exchange): CacheOutcome {
  if (note === null) return upgrade === null ? ROUTE_OFF : UPGRADE;
  const { told, served, fwdStatus, ttl } = note;
  return {
    kind: "forward",
    fwd: told.fwd,
    detail: note.detail ?? told.detail,
    served,
    fwdStatus,
    ttl,
    stored: note.stored ? true : undefined,
    collapsed: note.collapsed ? true : undefined,
  };
}

/** Tells the client and the record. What caches further up say of themselves stays in front (RFC 9211 §2). */
function tell(exchange: Exchange, { fields }: GatewayResponse, outcome: CacheOutcome): void {
  const value = cacheStatus(outcome);
  const further = joinField(fields, "cache-status");
  setField(fields, "Cache-Status", further === undefined ? value : `${further}, ${value}`);
  setField(fields, "X-Cache", xCache(outcome));
  tellRecord(exchange, outcome);
}

function tellRecord({ record }: Exchange, outcome: CacheOutcome): void {
  record.cache = xCache(outcome);
  record.cacheDetail = outcome.detail ?? (outcome.kind === "forward" ? forwardReason(outcome) : null);
}

function forwardReason({ fwd, collapsed }: Extract<CacheOutcome, { kind: "forward" }>): string {
  return collapsed === true ? "collapsed" : fwd;
}

import type { ChosenReason, LoadReport, NoneReason, SkipReason } from "@headgate/balancer";
import type { HealthState } from "@headgate/health";

/** A request that nobody has sent. */
export interface Question {
  readonly method: string;
  /** An http or https URL, or a path at the gateway's own listener (the first with TLS, else the first). */
  readonly url: string;
  /** Flat `[name, value, ...]`; without a Host, the URL's authority is used. */
  readonly headers: readonly string[];
  /** Address of the connection's other end. */
  readonly client: string;
}

/** What would happen to a request. Durations in ms, sizes in bytes; sections that it would not come to are null. */
export interface Explanation {
  readonly request: {
    readonly method: string;
    readonly url: string;
    /** By `trustedProxies`, whom a trusted peer names. */
    readonly client: string;
  };
  readonly verdict: Verdict;
  readonly limits: LimitsTold;
  readonly route: RouteTold | null;
  readonly identity: IdentityTold | null;
  readonly cache: CacheTold | null;
  readonly compression: CompressionTold | null;
  readonly upstream: UpstreamTold | null;
}

/** How it would end, as far as the gateway alone decides. */
export type Verdict =
  /** With a problem response; `by` is the layer. */
  | {
      readonly kind: "refused";
      readonly by: string;
      readonly status: number;
      readonly code: string;
      readonly detail: string;
    }
  /** Without asking a backend. */
  | { readonly kind: "answered"; readonly by: string; readonly status: number }
  /** `backend` is null where chance decides (see `odds`), or where it first waits for room or for the first checks. */
  | { readonly kind: "forwarded"; readonly pool: string; readonly backend: string | null };

export interface LimitsTold {
  readonly head: { readonly size: number; readonly limit: number };
  /** `size` is null for content of unknown length. */
  readonly body: { readonly size: number | null; readonly limit: number };
  readonly inFlight: { readonly now: number; readonly limit: number };
}

export interface RouteTold {
  /** Its path, the name it has in logs and metrics. */
  readonly path: string;
  readonly host: string | null;
  readonly methods: readonly string[] | null;
  /** Null where the route is split and it did not come to that. */
  readonly pool: string | null;
  /** The pools that the route is split over, and why this one serves; null for a route of one pool. */
  readonly split: {
    readonly sides: readonly { readonly pool: string; readonly weight: number }[];
    readonly why: string | null;
  } | null;
  /** The pool that gets copies; null for none. */
  readonly mirror: { readonly pool: string; readonly share: number } | null;
  readonly auth: "api-key" | "none";
}

export interface IdentityTold {
  /** Name of the API key, never the key; null where the route asks for none. */
  readonly name: string | null;
  /** The field that it came in. */
  readonly field: string;
}

export interface CacheTold {
  /** What X-Cache would say; for `revalidate` this holds if the backend answers 304, else it is a MISS. */
  readonly result: "HIT" | "STALE" | "MISS" | "REVALIDATED" | "BYPASS";
  readonly plan: "hit" | "stale" | "revalidate" | "complete" | "miss" | "unsatisfiable" | "bypass" | "off";
  /** `uri-miss`, `no-store`, `stale-while-revalidate`, ...; null for a plain hit. */
  readonly reason: string | null;
  /** Null where nothing is looked up. */
  readonly key: { readonly url: string; readonly parts: readonly string[] } | null;
  /** Responses that are stored under the key. */
  readonly variants: number;
  /** The stored response that would be used or asked about; null for none. */
  readonly entry: EntryTold | null;
  /** Whether that response would be served although it is stale where no backend answers. */
  readonly standsIn: boolean;
  /** The URL is being fetched now: a miss may wait for that. */
  readonly underWay: boolean;
  /** What would become of a 200 that says nothing of caching; null where none would come. */
  readonly storing: StoringTold | null;
  /** URLs of which stored responses go when a backend answers well; for unsafe methods. */
  readonly invalidates: readonly string[];
}

export interface EntryTold {
  readonly status: number;
  readonly age: number;
  /** Negative where it is stale. */
  readonly ttl: number;
  readonly size: number;
  /** Who answered. */
  readonly backend: string;
  /** Name of the one whom alone it may answer; null for all, or for those whom nobody knows. */
  readonly identity: string | null;
}

export type StoringTold =
  /** For `ttl`; `identity` as in `EntryTold`. */
  | {
      readonly kind: "store";
      readonly ttl: number;
      readonly identity: string | null;
      readonly largest: number;
    }
  | { readonly kind: "pass"; readonly reason: string };

/** `none` where the client takes no coding that is offered; for text-like bodies from `minimum` on. */
export type CompressionTold =
  | { readonly kind: "off" }
  | { readonly kind: "none" }
  | { readonly kind: "encode"; readonly coding: string; readonly minimum: number };

export interface UpstreamTold {
  readonly pool: string;
  /** The policy with its parameters, as the config has them. */
  readonly balancing: { readonly policy: string } & Readonly<Record<string, unknown>>;
  /** What consistent hashing goes by, and whether this request has it. */
  readonly hashKey: { readonly on: string; readonly name: string | null; readonly present: boolean } | null;
  readonly session: SessionTold | null;
  readonly choice: ChoiceTold;
  /** Too few backends are usable, so all are used. */
  readonly panic: boolean;
  readonly backends: readonly BackendTold[];
  readonly queue: QueueTold | null;
  readonly retries: RetriesTold;
  readonly hedging: HedgingTold;
  /** Those of the pool; null for none. */
  readonly timeouts: Readonly<Record<"connect" | "head" | "body", number> & Record<"perTry" | "total", number | null>>;
}

export interface SessionTold {
  readonly cookie: string;
  /** The backend that the request's cookie stands for; null without one, or where that backend has left. */
  readonly pinned: string | null;
  /** `keep`, `overflow`, or why it is handed over; null where nothing is pinned. */
  readonly plan: string | null;
}

export type ChoiceTold =
  | { readonly kind: "settled"; readonly backend: string; readonly reason: ChosenReason }
  /** By the `odds` of each backend. */
  | { readonly kind: "drawn" }
  /** First the checks of a new pool have to come in. */
  | { readonly kind: "waits"; readonly reason: "first-checks" | "room" }
  | { readonly kind: "none"; readonly reason: NoneReason | "breaker" };

export interface BackendTold {
  readonly id: string;
  readonly url: string;
  readonly state: HealthState;
  readonly draining: boolean;
  readonly ejected: boolean;
  readonly usable: boolean;
  readonly reason: "candidate" | "pinned" | "panic" | SkipReason;
  /** A sentence; null where there is nothing to say of it. */
  readonly why: string | null;
  /** Its chance of being the first that is tried, 0 to 1. */
  readonly odds: number;
  /** Priority, with `/other-zone` behind it where the pool prefers its own. */
  readonly level: string;
  /** The share of new exchanges that its level gets. */
  readonly levelShare: number;
  /** As configured. */
  readonly weight: number;
  /** What it counts for now: less while it ramps up. */
  readonly effectiveWeight: number;
  readonly active: number;
  /** Null for any number. */
  readonly maxActive: number | null;
  /** Peak-sensitive average, by policies that learn it; null without. */
  readonly latency: number | null;
  readonly load: LoadReport | null;
}

export interface QueueTold {
  /** Attempts in flight at most, over all backends; null for any number. */
  readonly limit: number | null;
  readonly active: number;
  readonly waiting: number;
  readonly capacity: number;
  readonly longestWait: number;
  readonly breaker: "closed" | "open" | "half-open" | null;
}

export interface RetriesTold {
  /** Further attempts at most. */
  readonly count: number;
  /** `unsent`: only while no byte of the request has reached a backend. */
  readonly when: "idempotent" | "idempotency-key" | "unsent";
  /** Failures and statuses that the config names; empty for its default. */
  readonly on: readonly string[];
  /** What the pool's budget has left for retries and hedges. */
  readonly budgetLeft: number;
  /** An answer up to here is held back until it is whole, for so long at most; null for none. */
  readonly hold: { readonly upTo: number; readonly time: number } | null;
  /** Content up to here is held for another attempt; null without content. */
  readonly bodyUpTo: number | null;
}

export type HedgingTold =
  | { readonly kind: "off" }
  | { readonly kind: "hedge"; readonly after: number }
  | { readonly kind: "single"; readonly reason: string };

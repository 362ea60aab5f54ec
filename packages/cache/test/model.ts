import type { FieldList } from "@headgate/http";
import {
  type CachePolicyOptions,
  type CacheRequest,
  compilePolicy,
  type Demands,
  finishEntry,
  joinBody,
  type LookupPlan,
  MemoryStore,
  planCompletion,
  planHead,
  planInvalidation,
  planLookup,
  planRequest,
  planRevalidated,
  planServe,
  planStale,
  planStore,
  type RequestPlan,
  readDemands,
  type StoredEntry,
  withCompletion,
  withConditions,
} from "../src/index.ts";

export interface ModelRequest {
  readonly method?: string;
  readonly path?: string;
  readonly fields?: FieldList;
  readonly identity?: string | null;
  readonly body?: string;
}

export interface ModelAnswer {
  readonly status: number;
  readonly fields?: FieldList;
  readonly body?: string;
}

export interface ModelResponse {
  readonly status: number;
  readonly fields: readonly string[];
  readonly body: string;
  /** How it came about: a lookup's kind, "bypass", "refreshed", "stale-on-failure". */
  readonly how: string;
  /** Whether nothing of it came from upstream for this request. */
  readonly cached: boolean;
}

/** Upstream: answers, or is gone (undefined). It sees the request as the cache sends it on. */
export type Upstream = (request: CacheRequest) => ModelAnswer | undefined;

/** A whole cache made of the plans, without sockets or time: what the gateway's layer does, in miniature. */
export class ModelCache {
  readonly store = new MemoryStore();
  readonly #policy;
  readonly #upstream: Upstream;
  now = Date.UTC(2026, 0, 1);

  constructor(upstream: Upstream, options: CachePolicyOptions = { ttl: 0 }) {
    this.#policy = compilePolicy(options);
    this.#upstream = upstream;
  }

  send({ method = "GET", path = "/", fields = [], identity = null, body }: ModelRequest = {}): ModelResponse {
    const hasBody = body !== undefined;
    const base = { method, scheme: "http", host: "h", path, fields, identity, hasBody };
    const request: CacheRequest = hasBody ? { ...base, bodyDigest: body } : base;
    const plan = planRequest(request, this.#policy);
    if (plan.kind === "bypass") return this.#forward(request, plan.demands, undefined);
    const variants = this.store.get(plan.key, this.now);
    return this.#act(request, plan, planLookup(request, plan.demands, variants, this.now));
  }

  #act(request: CacheRequest, { key, demands }: RequestPlan & { kind: "lookup" }, lookup: LookupPlan): ModelResponse {
    switch (lookup.kind) {
      case "hit":
      case "stale":
        return this.#serve(request, demands, lookup.entry, lookup.kind);
      case "unsatisfiable":
        return { status: 504, fields: [], body: "", how: "unsatisfiable", cached: false };
      case "miss":
        return this.#forward(request, demands, lookup.fallback);
      case "complete":
        return this.#complete(request, lookup);
      case "revalidate": {
        const sent = { ...request, fields: withConditions(request.fields, lookup.conditions) };
        const answer = this.#upstream(sent);
        if (answer?.status !== 304) return this.#finish(request, demands, answer, lookup.entry);
        const plan = planRevalidated(lookup.entry, this.#input(request, demands, answer));
        if (plan.kind === "unusable") return this.#forward(request, demands, undefined);
        if (plan.unstored === undefined) this.store.replace(key, lookup.entry, plan.entry);
        else this.store.remove(key, lookup.entry);
        return { ...this.#serve(request, demands, plan.entry, "refreshed"), cached: false };
      }
    }
  }

  #complete(request: CacheRequest, lookup: LookupPlan & { kind: "complete" }): ModelResponse {
    const sent = { ...request, fields: withCompletion(request.fields, lookup.ask) };
    const answer = this.#upstream(sent);
    const plan = answer && planCompletion(lookup.entry, answer.status, answer.fields ?? []);
    if (answer === undefined || plan === undefined || plan.kind === "restart") {
      return this.#forward(request, readDemands(request.fields, this.#policy), undefined);
    }
    const response = this.#finish(sent, readDemands(sent.fields, this.#policy), answer, undefined);
    if (plan.kind === "use") return response;
    return { ...response, status: 200, fields: plan.fields, body: plan.prefix.toString("latin1") + response.body };
  }

  #forward(request: CacheRequest, demands: Demands, fallback: StoredEntry | undefined): ModelResponse {
    return this.#finish(request, demands, this.#upstream(request), fallback);
  }

  #finish(
    request: CacheRequest,
    demands: Demands,
    answer: ModelAnswer | undefined,
    fallback: StoredEntry | undefined,
  ): ModelResponse {
    const failure = answer === undefined ? { kind: "disconnect" as const } : { kind: "status" as const, ...answer };
    if (fallback !== undefined && planStale(fallback, demands, failure, this.now).kind === "serve") {
      return this.#serve(request, demands, fallback, "stale-on-failure");
    }
    if (answer === undefined) return { status: 502, fields: [], body: "", how: "gone", cached: false };
    this.#learn(request, demands, answer, fallback);
    return {
      status: answer.status,
      fields: answer.fields ?? [],
      body: answer.body ?? "",
      how: "forward",
      cached: false,
    };
  }

  /** Invalidates, updates and stores what an answer says. */
  #learn(request: CacheRequest, demands: Demands, answer: ModelAnswer, known: StoredEntry | undefined): void {
    const plan = planRequest({ ...request, method: "GET", hasBody: false }, this.#policy);
    if (plan.kind === "bypass") return;
    const input = this.#input(request, demands, answer);
    const invalidation = planInvalidation(request, () => [this.#policy], input.status, input.fields);
    if (invalidation.kind === "invalidate") {
      for (const { purge } of invalidation.urls) this.store.purge(purge, "hard", this.now);
    }
    if (request.method === "HEAD" && known !== undefined) {
      const head = planHead(known, input);
      if (head.kind !== "keep") this.store.replace(plan.key, known, head.entry);
    }
    const storing = planStore(input);
    if (storing.kind === "pass") return;
    const entry = finishEntry(storing.head, joinBody([Buffer.from(answer.body ?? "", "latin1")]));
    const own = planRequest(
      request.method === "QUERY" ? request : { ...request, method: "GET", hasBody: false },
      this.#policy,
    );
    if (entry.kind === "entry" && own.kind === "lookup") this.store.put(own.key, entry.entry, this.now);
  }

  #serve(request: CacheRequest, demands: Demands, entry: StoredEntry, how: string): ModelResponse {
    const plan = planServe(request, demands, entry, this.now);
    const pieces = plan.kind === "whole" ? [plan.body] : plan.kind === "partial" ? plan.body : [];
    const age = String(Math.floor(Math.max(0, this.now - entry.bornAt) / 1000));
    const body = Buffer.concat(pieces).toString("latin1");
    return { status: plan.status, fields: [...plan.fields, "Age", age], body, how, cached: true };
  }

  #input(request: CacheRequest, demands: Demands, answer: ModelAnswer) {
    const times = { requestTime: this.now, responseTime: this.now };
    const { status, fields = [] } = answer;
    return { request, demands, policy: this.#policy, ...times, status, fields, backend: "b:1" };
  }
}

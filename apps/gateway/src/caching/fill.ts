import {
  type CacheKey,
  type CacheStore,
  finishEntry,
  joinBody,
  planCompletion,
  planHead,
  planRevalidated,
  planStore,
  type ResponseInput,
  type StoredEntry,
  type StorePlan,
  withCompletion,
  withConditions,
} from "@headgate/cache";
import { type BodySource, isSource } from "../body.ts";
import { Cancellation } from "../cancellation.ts";
import type { Clock } from "../clock.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import { SharedBody } from "../shared-body.ts";
import type { Fetch } from "../upstream/fetch.ts";
import { gatewayResponse } from "../upstream/origin.ts";
import type { UpstreamRequest } from "../upstream/upstream-request.ts";
import type { CacheNote } from "./cache-note.ts";
import { PrefixedBody } from "./prefixed-body.ts";

/** What a request that fills the cache came to, once its response head is here. */
export type Filled =
  /** An entry that is whole: just stored, or refreshed by a 304. */
  | {
      readonly kind: "entry";
      readonly entry: StoredEntry;
      readonly refreshed: boolean;
      readonly stored: boolean;
      readonly response: GatewayResponse | null;
    }
  /** Being stored while it comes; whoever reads from the start gets all of it. */
  | {
      readonly kind: "stream";
      readonly plan: Extract<StorePlan, { kind: "store" }>;
      readonly body: SharedBody;
      readonly response: GatewayResponse;
    }
  /** For the one who asked alone. */
  | { readonly kind: "alone"; readonly response: GatewayResponse; readonly reason: string };

export interface FillParts {
  readonly store: CacheStore;
  readonly clock: Clock;
  readonly fetch: Fetch;
  /** Takes what a store that failed reports: the exchange goes on without it. */
  readonly storeFailed: (error: unknown) => void;
}

/**
 * One request upstream on behalf of the cache, with all who wait for it. It goes on as long as one of them is left, so that
 * a leader whose client leaves hands over; when the last has gone it is cancelled.
 */
export class Fill {
  readonly cancellation: Cancellation = new Cancellation();
  readonly result: Promise<Filled>;
  readonly #parts: FillParts;
  readonly #note: CacheNote;
  readonly #key: CacheKey;
  #members = 0;
  #body: SharedBody | null = null;
  /** The response has an owner of its own, which ends it. */
  #handedOver = false;
  /** Called when nothing can join any more: the body is over, or there is nothing to share. */
  readonly #closed: () => void;

  /** @param makeRequest builds the request as the client sent it, to be ended by the given cancellation */
  constructor(
    parts: FillParts,
    note: CacheNote,
    makeRequest: (cancellation: Cancellation) => UpstreamRequest,
    closed: () => void,
  ) {
    if (note.lookup === null) throw new Error("a request past the cache cannot fill it");
    this.#parts = parts;
    this.#note = note;
    this.#key = note.lookup.key;
    this.#closed = closed;
    this.result = this.#run(makeRequest(this.cancellation), note.lookup.plan);
    // Members hear of a failure; one without members (a revalidation in the background) fails in silence.
    this.result.catch(closed);
  }

  join(): void {
    this.#members++;
  }

  /** A member takes the response that is for it `alone`: from here on it ends with that member's exchange. */
  handOver(): void {
    this.#handedOver = true;
  }

  /** A member has its answer, or has gone. */
  leave(reason: Error): void {
    this.#members--;
    this.#cancelIfUnwanted(reason);
  }

  #cancelIfUnwanted(reason: Error): void {
    if (this.#members > 0 || this.#handedOver) return;
    if (this.#body === null) this.cancellation.cancel(reason);
    else if (!this.#body.read) this.#body.cancel(reason);
  }

  async #run(request: UpstreamRequest, plan: NonNullable<CacheNote["lookup"]>["plan"]): Promise<Filled> {
    const { fields } = request;
    let asked = fields;
    if (plan.kind === "revalidate") asked = withConditions(fields, plan.conditions);
    if (plan.kind === "complete") asked = withCompletion(fields, plan.ask);
    let sentAt = this.#parts.clock.now();
    let response = gatewayResponse(await this.#parts.fetch({ ...request, fields: asked }));
    const early = await this.#judge(plan, response, sentAt);
    if (early !== "restart") return early ?? this.#store(response, sentAt);
    discardBody(response);
    sentAt = this.#parts.clock.now();
    response = gatewayResponse(await this.#parts.fetch(request));
    return this.#store(response, sentAt);
  }

  /** What the answer to our own conditions or range comes to; null where it is an answer like any other. */
  async #judge(
    plan: NonNullable<CacheNote["lookup"]>["plan"],
    response: GatewayResponse,
    sentAt: number,
  ): Promise<Filled | "restart" | null> {
    if (plan.kind === "revalidate" && response.status === 304) return this.#refresh(plan.entry, response, sentAt);
    if (plan.kind === "complete") return this.#complete(plan.entry, response, sentAt);
    if (this.#note.request.method !== "HEAD") return null;
    const entry = plan.kind === "revalidate" ? plan.entry : plan.fallback;
    if (entry !== undefined) await this.#updateByHead(entry, response, sentAt);
    return null;
  }

  async #refresh(entry: StoredEntry, response: GatewayResponse, sentAt: number): Promise<Filled | "restart"> {
    const plan = planRevalidated(entry, this.#input(response, sentAt));
    if (plan.kind === "unusable") return "restart";
    const { store } = this.#parts;
    const kept = plan.unstored === undefined;
    await this.#guard(() => (kept ? store.replace(this.#key, entry, plan.entry) : store.remove(this.#key, entry)));
    this.#closed();
    return { kind: "entry", entry: plan.entry, refreshed: true, stored: kept, response: null };
  }

  #complete(entry: StoredEntry, response: GatewayResponse, sentAt: number): Filled | "restart" | null {
    const plan = planCompletion(entry, response.status, response.fields);
    if (plan.kind === "restart") return "restart";
    if (plan.kind === "use") return null;
    const { body } = response;
    const joined = isSource(body)
      ? new PrefixedBody(plan.prefix, body)
      : Buffer.concat([plan.prefix, body ?? Buffer.alloc(0)]);
    return this.#store({ ...response, status: plan.status, fields: plan.fields, body: joined }, sentAt);
  }

  async #updateByHead(entry: StoredEntry, response: GatewayResponse, sentAt: number): Promise<void> {
    const plan = planHead(entry, this.#input(response, sentAt));
    if (plan.kind !== "keep") await this.#guard(() => this.#parts.store.replace(this.#key, entry, plan.entry));
  }

  /** Stores the response if it may be, while it is delivered. */
  #store(response: GatewayResponse, sentAt: number): Filled {
    const plan = planStore(this.#input(response, sentAt));
    const { body } = response;
    if (plan.kind === "pass" || response.tunnel !== undefined) {
      this.#closed();
      return { kind: "alone", response, reason: plan.kind === "pass" ? plan.reason : "upgrade" };
    }
    if (isSource(body)) return this.#stream(plan, response, body);
    const bytes = body ?? Buffer.alloc(0);
    const finished = bytes.length > plan.maxBody ? null : finishEntry(plan.head, joinBody([bytes]));
    this.#closed();
    if (finished?.kind !== "entry") return { kind: "alone", response, reason: finished?.reason ?? "too-large" };
    this.#put(finished.entry);
    return { kind: "entry", entry: finished.entry, refreshed: false, stored: true, response };
  }

  #stream(plan: Extract<StorePlan, { kind: "store" }>, response: GatewayResponse, source: BodySource): Filled {
    const window = 64 * 1024;
    const body = new SharedBody(source, plan.maxBody, window, {
      unread: () => this.#cancelIfUnwanted(new Error("nobody is left to read")),
      over: (complete) => {
        this.#closed();
        if (!complete || !body.whole) return;
        const finished = finishEntry(plan.head, joinBody(body.chunks));
        if (finished.kind === "entry") this.#put(finished.entry);
      },
    });
    this.#body = body;
    return { kind: "stream", plan, body, response };
  }

  #put(entry: StoredEntry): void {
    void this.#guard(() => this.#parts.store.put(this.#key, entry, this.#parts.clock.now()));
  }

  async #guard(work: () => unknown): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#parts.storeFailed(error);
    }
  }

  #input(response: GatewayResponse, sentAt: number): ResponseInput {
    const { request, demands, policy } = this.#note;
    return {
      ...{ request, demands, policy },
      requestTime: sentAt,
      responseTime: this.#parts.clock.now(),
      status: response.status,
      fields: response.fields,
      backend: response.backend ?? "",
    };
  }
}

function discardBody({ body }: GatewayResponse): void {
  if (isSource(body)) body.cancel(new Error("the response is of no use"));
}

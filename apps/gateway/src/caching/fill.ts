import {
  type CacheKey,
  finishEntry,
  joinBody,
  type Lease,
  type LeaseStore,
  planCompletion,
  planHead,
  planRevalidated,
  planStore,
  type ResponseInput,
  type StoredEntry,
  type StorePlan,
} from "@headgate/cache";
import type { FieldList } from "@headgate/http";
import { type BodySource, discard, isSource } from "../body.ts";
import { Cancellation } from "../cancellation.ts";
import type { Exchange, InterimSink } from "../exchange.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import type { SharedBody } from "../shared-body.ts";
import type { Fetch } from "../upstream/fetch.ts";
import { gatewayResponse, upstreamRequest } from "../upstream/origin.ts";
import type { UpstreamRequest } from "../upstream/upstream-request.ts";
import type { CacheNote, ForwardPlan } from "./cache-note.ts";
import { Deposit, type DepositParts } from "./deposit.ts";
import type { Filled } from "./filled.ts";
import type { TicketOwner } from "./guarded-store.ts";
import { withOwnFields } from "./own-fields.ts";
import { PrefixedBody } from "./prefixed-body.ts";
import { type TurnParts, takeTurn } from "./take-turn.ts";

export interface FillParts extends DepositParts {
  readonly fetch: Fetch;
  /** By which gateways that share the store take turns. */
  readonly leases?: LeaseStore | null | undefined;
}

/** Who keeps a fill for others to join. */
export interface FillOwner {
  /** Nothing can join it any more: its body is over, or there is nothing to share. May be told more than once. */
  closed(fill: Fill): void;
}

/** How a fill takes turns with identical requests at other gateways. */
export type Turn = Pick<TurnParts, "patience" | "inBackground">;

/** What upstream is asked, and by whom. */
export interface FillRequest {
  /** Whose request it is, as the client sent it. */
  readonly exchange: Exchange;
  readonly note: CacheNote;
  readonly key: CacheKey;
  /** Under which others may join it; null where none may. */
  readonly name: string | null;
  /** The exchange has its answer already. */
  readonly inBackground: boolean;
}

/**
 * One request upstream on behalf of the cache, with all who wait for it. It goes on as long as one of them is left, so that
 * a leader whose client leaves hands over; when the last has gone it is cancelled.
 */
export class Fill implements InterimSink, TicketOwner {
  readonly name: string | null;
  readonly cancellation: Cancellation = new Cancellation();
  /** Awaited by whoever started it, and who tells it where this fails. */
  readonly result: Promise<Filled>;
  readonly deposit: Deposit;
  readonly #parts: FillParts;
  readonly #owner: FillOwner;
  readonly #note: CacheNote;
  readonly #plan: ForwardPlan;
  readonly #members: (InterimSink | null)[] = [];
  #body: SharedBody | null = null;
  /** The response has an owner of its own, which ends it. */
  #handedOver = false;
  #lease: Lease | null = null;

  /** @param turn null for none */
  constructor(parts: FillParts, owner: FillOwner, asked: FillRequest, turn: Turn | null) {
    const { exchange, note, key, name, inBackground } = asked;
    if (note.lookup === null) throw new Error("a request past the cache cannot fill it");
    this.name = name;
    this.#parts = parts;
    this.#owner = owner;
    this.#note = note;
    this.#plan = note.lookup.plan;
    this.deposit = new Deposit(parts, key, this);
    const made = upstreamRequest(exchange, this.cancellation, this);
    // The exchange is over before its attempts are, and has none of its own.
    const request = inBackground ? { ...made, attempts: [] } : made;
    const { leases } = parts;
    const takesTurns = turn !== null && leases !== null && leases !== undefined;
    this.result = takesTurns ? this.#runInTurn(request, { ...turn, leases }) : this.#run(request);
  }

  /** What comes before the response goes to all who wait for it. */
  informational(status: number, fields: FieldList): void {
    for (const member of this.#members) member?.informational(status, fields);
  }

  voided(): void {
    this.#close();
  }

  /** @param interim where this member's interim responses go; null for nowhere */
  join(interim: InterimSink | null): void {
    this.#members.push(interim);
  }

  /** A member takes the response that is for it `alone`: from here on it ends with that member's exchange. */
  handOver(): void {
    this.#handedOver = true;
  }

  /** A member has its answer, or has gone; as it joined. Once more does nothing. */
  leave(interim: InterimSink | null, reason: Error): void {
    const place = this.#members.indexOf(interim);
    if (place < 0) return;
    this.#members.splice(place, 1);
    this.#cancelIfUnwanted(reason);
  }

  #cancelIfUnwanted(reason: Error): void {
    if (this.#members.length > 0 || this.#handedOver) return;
    if (this.#body === null) this.cancellation.cancel(reason);
    else if (!this.#body.read) this.#body.cancel(reason);
  }

  /** Nothing more is stored by it: it has ended, or whoever started it has heard that `result` failed. */
  over(): void {
    this.deposit.close();
    this.#close();
  }

  /** Who comes from now on does not join, here or elsewhere. */
  #close(): void {
    this.#lease?.release();
    this.#owner.closed(this);
  }

  async #runInTurn(
    request: UpstreamRequest,
    turn: Pick<TurnParts, "leases" | "patience" | "inBackground">,
  ): Promise<Filled> {
    const { cancellation, deposit } = this;
    const { clock } = this.#parts;
    const taken = await takeTurn({ ...turn, clock, cancellation, key: deposit.key, note: this.#note });
    if (taken.kind === "found") {
      this.over();
      return taken;
    }
    this.#lease = taken.lease;
    // A purge has met it meanwhile: what comes is of no use to others.
    if (deposit.unstored !== null) taken.lease?.release();
    return this.#run(request);
  }

  async #run(asked: UpstreamRequest): Promise<Filled> {
    const plan = this.#plan;
    const request = withOwnFields(asked, plan);
    const sentAt = this.#parts.clock.now();
    const response = gatewayResponse(await this.#parts.fetch(request));
    // Nearly always nothing of our own was asked, and there is nothing to judge.
    if (plan.kind === "miss" && this.#note.request.method !== "HEAD") return this.#store(response, sentAt);
    const early = await this.#judge(response, sentAt);
    if (early !== "restart") return early ?? this.#store(response, sentAt);
    discard(response.body, new Error("the response is of no use"));
    const sentAgainAt = this.#parts.clock.now();
    return this.#store(gatewayResponse(await this.#parts.fetch(asked)), sentAgainAt);
  }

  /** What the answer to our own conditions or range comes to; null where it is an answer like any other. */
  async #judge(response: GatewayResponse, sentAt: number): Promise<Filled | "restart" | null> {
    const plan = this.#plan;
    if (plan.kind === "revalidate" && response.status === 304) return this.#refresh(plan.entry, response, sentAt);
    if (plan.kind === "complete") return this.#complete(plan.entry, response, sentAt);
    if (this.#note.request.method !== "HEAD") return null;
    const entry = plan.kind === "revalidate" ? plan.entry : plan.fallback;
    const update = entry === undefined ? null : planHead(entry, this.#input(response, sentAt));
    if (entry !== undefined && update !== null && update.kind !== "keep")
      await this.deposit.replace(entry, update.entry);
    return null;
  }

  async #refresh(entry: StoredEntry, response: GatewayResponse, sentAt: number): Promise<Filled | "restart"> {
    const plan = planRevalidated(entry, this.#input(response, sentAt));
    if (plan.kind === "unusable") return "restart";
    if (plan.unstored !== undefined) this.deposit.refuse(plan.unstored);
    await (plan.unstored === undefined ? this.deposit.replace(entry, plan.entry) : this.deposit.remove(entry));
    this.over();
    return { kind: "entry", entry: plan.entry, refreshed: true, response: null };
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

  /** Stores the response if it may be, while it is delivered. */
  #store(response: GatewayResponse, sentAt: number): Filled {
    const plan = planStore(this.#input(response, sentAt));
    const { body } = response;
    if (plan.kind === "pass" || response.tunnel !== undefined)
      return this.#alone(response, plan.kind === "pass" ? plan.reason : "upgrade");
    if (isSource(body)) return this.#stream(plan, response, body);
    const bytes = body ?? Buffer.alloc(0);
    const finished = bytes.length > plan.maxBody ? null : finishEntry(plan.head, joinBody([bytes]));
    if (finished?.kind !== "entry") return this.#alone(response, finished?.reason ?? "too-large");
    void this.deposit.put(finished.entry);
    this.over();
    return { kind: "entry", entry: finished.entry, refreshed: false, response };
  }

  #stream(plan: Extract<StorePlan, { kind: "store" }>, response: GatewayResponse, source: BodySource): Filled {
    const { promise: finished, resolve } = Promise.withResolvers<StoredEntry | null>();
    const body = this.deposit.stream(plan, source, {
      unread: () => {
        this.#cancelIfUnwanted(new Error("nobody is left to read"));
        // Members that want a part of it wait for the whole.
        body.start();
      },
      over: (entry) => {
        this.over();
        resolve(entry);
      },
    });
    this.#body = body;
    return { kind: "stream", plan, body, response, first: body.reader(), finished };
  }

  #alone(response: GatewayResponse, reason: string): Filled {
    this.over();
    return { kind: "alone", response, reason };
  }

  #input(response: GatewayResponse, sentAt: number): ResponseInput {
    const { request, demands, policy } = this.#note;
    const { status, fields, backend } = response;
    const responseTime = this.#parts.clock.now();
    return { request, demands, policy, requestTime: sentAt, responseTime, status, fields, backend: backend ?? "" };
  }
}

import { type CacheKey, planCollapse, type Target, UnshareableKeys } from "@headgate/cache";
import { isSafe } from "@headgate/http";
import {
  answerFailed,
  answerFollower,
  answerLeader,
  type FollowerAnswer,
  RELEASED,
  shareEntry,
} from "../caching/answers.ts";
import { cacheHost } from "../caching/cache-host.ts";
import type { CacheNote } from "../caching/cache-note.ts";
import { Fill, type FillOwner, type FillParts, type FillRequest } from "../caching/fill.ts";
import type { Filled } from "../caching/filled.ts";
import type { GuardedStore, Ticket } from "../caching/guarded-store.ts";
import { policiesOfUrl, settlePastCache, ticketFor } from "../caching/past-cache.ts";
import type { RefreshOutcome, RefreshTally } from "../caching/refresh-tally.ts";
import { LeftToAnother } from "../caching/take-turn.ts";
import type { Exchange } from "../exchange.ts";
import { ClientGone } from "../gateway-error.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import { gatewayResponse, upstreamRequest } from "../upstream/origin.ts";

/** How long one waits for others' identical requests, ms; then it goes on its own (nginx `proxy_cache_lock_timeout`). */
const LOCK_TIMEOUT = 5000;

export interface CoalescerParts extends FillParts {
  /** Of validations in the background. */
  readonly refreshes: RefreshTally;
}

/** Told to nobody in the end; made once, since an error takes its stack with it. */
const HANDED_OVER = new Error("the response was handed over");

/** Lets identical misses in flight share one request upstream, and has what comes stored. */
export class Coalescer implements FillOwner {
  readonly #parts: CoalescerParts;
  readonly #store: GuardedStore;
  /** By key, or by the group under it that the fill is for where it is not for all. */
  readonly #underWay = new Map<string, Fill>();
  readonly #unshareable = new UnshareableKeys();

  constructor(parts: CoalescerParts) {
    this.#parts = parts;
    this.#store = parts.store;
  }

  /** A response for an exchange that the cache could not answer. */
  answer(exchange: Exchange): Promise<GatewayResponse> {
    const note = exchange.cache;
    if (note === null || note.lookup === null) return this.#pastCache(exchange, note);
    const { key, plan: forward } = note.lookup;
    const plan = planCollapse(note.request, note.demands, forward, this.#unshareable.has(key, note.at));
    if (plan.kind === "alone") return this.#lead(exchange, note, key, null);
    if (this.#underWay.has(key)) return this.#join(exchange, note, key, plan.lead);
    return this.#lead(exchange, note, key, plan.lead ? key : null);
  }

  /** Waits for another's answer. Whom it is not for waits once more, with those like them, and then asks by itself. */
  async #join(exchange: Exchange, note: CacheNote, key: CacheKey, lead: boolean): Promise<GatewayResponse> {
    let name: string | null = key;
    for (let round = 0; round < 2 && name !== null; round++) {
      const other = this.#underWay.get(name);
      if (other === undefined) break;
      const followed = await this.#follow(exchange, note, other);
      if (followed.kind === "answer") return followed.response;
      name = followed.group === null ? null : `${key}\n${followed.group}`;
    }
    return this.#lead(exchange, note, key, lead ? name : null);
  }

  /** Has a stale entry validated in the background, with the fields of the request that met it; once at a time. */
  refresh(exchange: Exchange, note: CacheNote): void {
    const key = note.lookup?.key;
    if (key === undefined || this.#underWay.has(key)) return;
    const fill = this.#start({ exchange, note, key, name: key, inBackground: true });
    fill.join(null);
    const over = (): void => fill.leave(null, new Error("the revalidation is over"));
    const failed = (): void => {
      fill.over();
      over();
    };
    // Its failure is told by the next request that meets the entry; what it brings is read to the end, to be stored.
    fill.result.then((filled) => {
      if (filled.kind === "stream") filled.first.pipe({ data: () => true, end: over, fail: over });
      else over();
    }, failed);
    void refreshOutcome(fill.result).then((outcome) => this.#parts.refreshes.note(outcome));
  }

  async #pastCache(exchange: Exchange, note: CacheNote | null): Promise<GatewayResponse> {
    const ticket = ticketFor(note, this.#store);
    try {
      const response = gatewayResponse(await this.#parts.fetch(upstreamRequest(exchange, exchange.cancellation)));
      if (!isSafe(exchange.head.method)) await this.#settle(exchange, note, response, ticket);
      return response;
    } finally {
      ticket?.close();
    }
  }

  /** A store that fails does not fail the request. */
  async #settle(
    { head, host, path, generation }: Exchange,
    note: CacheNote | null,
    response: GatewayResponse,
    ticket: Ticket | null,
  ) {
    const request = { method: head.method, scheme: head.scheme, host: cacheHost(host, head.scheme), path };
    const policiesOf = (target: Target) => policiesOfUrl(generation, target);
    try {
      await settlePastCache({ ...this.#parts, request, note, response, ticket, policiesOf });
    } catch (error) {
      this.#parts.storeFailed(error);
    }
  }

  closed(fill: Fill): void {
    if (fill.name !== null && this.#underWay.get(fill.name) === fill) this.#underWay.delete(fill.name);
  }

  #start(request: FillRequest): Fill {
    const { key, name, inBackground } = request;
    const leads = name !== null && !this.#underWay.has(name);
    const turn = leads && name === key ? { patience: LOCK_TIMEOUT, inBackground } : null;
    const fill = new Fill(this.#parts, this, request, turn);
    if (leads) this.#underWay.set(name, fill);
    return fill;
  }

  async #lead(exchange: Exchange, note: CacheNote, key: CacheKey, name: string | null): Promise<GatewayResponse> {
    const { clock } = this.#parts;
    const { cancellation, interim } = exchange;
    const fill = this.#start({ exchange, note, key, name, inBackground: false });
    // What comes for a leader that has gone is let go by whoever would write it.
    const gone = (): void => fill.leave(interim, cancellation.reason ?? HANDED_OVER);
    try {
      fill.join(interim);
      cancellation.onCancel(gone);
      const filled = await fill.result;
      const now = clock.now();
      if (filled.kind === "alone") {
        fill.handOver();
        this.#unshareable.note(key, now);
      } else this.#unshareable.forget(key);
      return answerLeader(note, fill, filled, now);
    } catch (error) {
      fill.over();
      return answerFailed(note, error, clock.now());
    } finally {
      cancellation.off(gone);
      fill.leave(interim, HANDED_OVER);
    }
  }

  /** Released where the other's response is not for this one, or is slow to come. */
  async #follow(exchange: Exchange, note: CacheNote, fill: Fill): Promise<Exclude<FollowerAnswer, { kind: "wait" }>> {
    const { clock } = this.#parts;
    fill.join(exchange.interim);
    try {
      const patience = Math.max(0, note.at + LOCK_TIMEOUT - clock.now());
      const filled = await untilGone(within(fill.result, patience), exchange);
      const answer = filled === null ? RELEASED : answerFollower(note, filled, clock.now());
      if (answer.kind !== "wait") return answer;
      const entry = await untilGone(within(answer.finished, LOCK_TIMEOUT), exchange);
      if (entry === null) return RELEASED;
      return { kind: "answer", response: shareEntry(note, entry, false, clock.now()) };
    } catch (error) {
      return { kind: "answer", response: answerFailed(note, error, clock.now()) };
    } finally {
      fill.leave(exchange.interim, exchange.cancellation.reason ?? HANDED_OVER);
    }
  }
}

/** How a validation in the background ended. Never rejects. */
async function refreshOutcome(result: Promise<Filled>): Promise<RefreshOutcome> {
  try {
    const filled = await result;
    if (filled.kind === "entry") return filled.refreshed ? "refreshed" : "replaced";
    if (filled.kind === "stream") return (await filled.finished) === null ? "unstored" : "replaced";
    return filled.kind === "found" ? "elsewhere" : "unstored";
  } catch (error) {
    return error instanceof LeftToAnother ? "elsewhere" : "failed";
  }
}

/** The result, or the reason of the exchange's cancellation if that comes first. */
function untilGone<T>(result: Promise<T>, { cancellation }: Exchange): Promise<T> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(cancellation.reason ?? new ClientGone());
    const settle = (done: () => void): void => {
      cancellation.off(gone);
      done();
    };
    result.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
    cancellation.onCancel(gone);
  });
}

/** The result, or null after `ms`. */
function within<T>(result: Promise<T>, ms: number): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(null), ms);
    result.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

import { type CacheKey, type CacheStore, planCollapse, UnshareableKeys } from "@headgate/cache";
import { answerFollower, answerLeader, answerStale, isUpstreamFault } from "../caching/answers.ts";
import type { CacheNote } from "../caching/cache-note.ts";
import { Fill, type Filled, type FillParts } from "../caching/fill.ts";
import { settlePastCache } from "../caching/past-cache.ts";
import type { Exchange } from "../exchange.ts";
import { ClientGone } from "../gateway-error.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import { gatewayResponse, upstreamRequest } from "../upstream/origin.ts";

/** How long one waits for another's identical request, ms; then it goes on its own (nginx `proxy_cache_lock_timeout`). */
const LOCK_TIMEOUT = 5000;

/** Lets identical misses in flight share one request upstream, and has what comes stored. */
export class Coalescer {
  readonly #parts: FillParts;
  readonly #store: CacheStore;
  readonly #underWay = new Map<CacheKey, Fill>();
  readonly #unshareable = new UnshareableKeys();

  constructor(parts: FillParts) {
    this.#parts = parts;
    this.#store = parts.store;
  }

  /** A response for an exchange that the cache could not answer. */
  async answer(exchange: Exchange): Promise<GatewayResponse> {
    const note = exchange.cache;
    if (note === null) return this.#fetch(exchange);
    const { lookup } = note;
    if (lookup === null) return this.#pastCache(exchange, note);
    const now = this.#parts.clock.now();
    const plan = planCollapse(note.request, note.demands, lookup.plan, this.#unshareable.has(lookup.key, now));
    if (plan.kind === "join") {
      const other = this.#underWay.get(lookup.key);
      const shared = other === undefined ? null : await this.#follow(exchange, note, other);
      if (shared !== null) return shared;
    }
    return this.#lead(exchange, note, lookup.key, plan.kind === "join" && plan.lead);
  }

  /** Has a stale entry validated in the background, with the fields of the request that met it; once at a time. */
  refresh(exchange: Exchange, note: CacheNote): void {
    const key = note.lookup?.key;
    if (key === undefined || this.#underWay.has(key)) return;
    const fill = this.#start(exchange, note, key, true);
    fill.join();
    // Its failure is told by the next request that meets the entry; what it brings is read to the end, to be stored.
    fill.result.then(
      (filled) => drain(filled, () => fill.leave(new Error("the revalidation is over"))),
      () => fill.leave(new Error("the revalidation failed")),
    );
  }

  async #fetch(exchange: Exchange): Promise<GatewayResponse> {
    return gatewayResponse(await this.#parts.fetch(upstreamRequest(exchange, exchange.cancellation)));
  }

  async #pastCache(exchange: Exchange, note: CacheNote): Promise<GatewayResponse> {
    const response = await this.#fetch(exchange);
    try {
      await settlePastCache(this.#store, this.#parts.clock, note, response, note.at);
    } catch (error) {
      this.#parts.storeFailed(error);
    }
    return response;
  }

  #start(exchange: Exchange, note: CacheNote, key: CacheKey, lead: boolean): Fill {
    const fill: Fill = new Fill(
      this.#parts,
      note,
      (cancellation) => upstreamRequest(exchange, cancellation),
      () => this.#underWay.get(key) === fill && this.#underWay.delete(key),
    );
    if (lead && !this.#underWay.has(key)) this.#underWay.set(key, fill);
    return fill;
  }

  async #lead(exchange: Exchange, note: CacheNote, key: CacheKey, lead: boolean): Promise<GatewayResponse> {
    const fill = this.#start(exchange, note, key, lead);
    fill.join();
    try {
      const filled = await untilGone(fill.result, exchange);
      const { clock } = this.#parts;
      if (filled.kind === "alone") {
        fill.handOver();
        this.#unshareable.note(key, clock.now());
      } else this.#unshareable.forget(key);
      return answerLeader(note, filled, clock.now());
    } catch (error) {
      return this.#afterFailure(note, error);
    } finally {
      fill.leave(exchange.cancellation.reason ?? new Error("the response was handed over"));
    }
  }

  /** Null where the other's response is not for this one, or is slow to come. */
  async #follow(exchange: Exchange, note: CacheNote, fill: Fill): Promise<GatewayResponse | null> {
    fill.join();
    try {
      const filled = await untilGone(within(fill.result, LOCK_TIMEOUT), exchange);
      return filled === null ? null : answerFollower(note, filled, this.#parts.clock.now());
    } catch (error) {
      return this.#afterFailure(note, error);
    } finally {
      fill.leave(exchange.cancellation.reason ?? new Error("the response was handed over"));
    }
  }

  #afterFailure(note: CacheNote, error: unknown): GatewayResponse {
    const stale = isUpstreamFault(error) ? answerStale(note, { kind: "disconnect" }, this.#parts.clock.now()) : null;
    if (stale === null) throw error;
    return stale;
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

/** Reads a body that nobody waits for to its end. */
function drain(filled: Filled, over: () => void): void {
  if (filled.kind === "stream") {
    const reader = filled.body.reader();
    reader.pipe({ data: () => true, end: over, fail: over });
    return;
  }
  over();
}

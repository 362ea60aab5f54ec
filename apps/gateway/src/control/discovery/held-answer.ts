import type { DnsAnswer, Service } from "./dns-answer.ts";

/** How an answer is kept; times in ms. */
export interface HoldRules {
  /** Shortest time between two questions. */
  readonly floor: number;
  /** How long records outlive an answer that says there are none. */
  readonly hold: number;
  /** How long they outlive their server. */
  readonly stale: number;
}

/** However long a TTL is: a longer wait is of no use, and a timer could not keep it. */
const LONGEST = 86_400_000;

/** What failed is tried again after 1, 2, 4, 8 floors and so on, within this, ms. */
const LONGEST_BACKOFF = 10_000;

type Records = Pick<Extract<DnsAnswer, { kind: "records" }>, "addresses" | "services">;

const NONE: Records = { addresses: [], services: [] };

/**
 * The last good answer to one question: when it is to be asked again, and how long what was told stays in use when the
 * answers turn bad. Source: TTLs by RFC 1035 §3.2.1; holding by HAProxy's `hold` and by RFC 8767, serving stale data.
 */
export class HeldAnswer {
  readonly #rules: HoldRules;
  #records: Records = NONE;
  #faults = 0;
  /** When answers turned bad; null while they are good. */
  #badSince: number | null = null;
  /** When they first said that there are no records. */
  #emptySince: number | null = null;
  /** When it is to be asked again; at once for a new question. */
  askAt: number = Number.NEGATIVE_INFINITY;
  /** What is wrong with the last answer; null while it is good or not there yet. */
  fault: Exclude<DnsAnswer, { kind: "records" }> | null = null;
  asked = false;

  constructor(rules: HoldRules) {
    this.#rules = rules;
  }

  get addresses(): readonly string[] {
    return this.#records.addresses;
  }

  get services(): readonly Service[] {
    return this.#records.services;
  }

  /** Takes an answer that came at `now`. */
  take(answer: DnsAnswer, now: number): void {
    this.asked = true;
    const { floor } = this.#rules;
    if (answer.kind === "records") {
      this.#records = answer;
      this.#faults = 0;
      this.#badSince = null;
      this.#emptySince = null;
      this.fault = null;
      this.askAt = now + Math.max(floor, Math.min(answer.ttl, LONGEST));
      return;
    }
    this.#badSince ??= now;
    if (answer.kind === "empty") this.#emptySince ??= now;
    this.fault = answer;
    this.askAt = now + Math.max(floor, Math.min(floor * 2 ** this.#faults, LONGEST_BACKOFF));
    this.#faults++;
    this.expire(now);
  }

  /** Drops what has been held long enough. */
  expire(now: number): void {
    if (now >= this.#dropAt) this.#records = NONE;
  }

  /** When there is something to do: to ask, or to drop. */
  get nextAt(): number {
    return Math.min(this.askAt, this.#records === NONE ? Number.POSITIVE_INFINITY : this.#dropAt);
  }

  get #dropAt(): number {
    const { hold, stale } = this.#rules;
    const empty = this.#emptySince === null ? Number.POSITIVE_INFINITY : this.#emptySince + hold;
    return this.#badSince === null ? empty : Math.min(empty, this.#badSince + stale);
  }
}

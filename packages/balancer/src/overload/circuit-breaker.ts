import { SlidingWindow } from "../sliding-window.ts";

export interface BreakerOptions {
  /** It opens when this share of the window's attempts failed, 0 to 1. Default 0.5. */
  readonly failureShare?: number;
  /** … of at least so many. Default 20. */
  readonly minimum?: number;
  /** ms. Default 10 000. */
  readonly window?: number;
  /** How long it stays open the first time, ms; each time that its probes fail, twice as long. Default 5000. */
  readonly openFor?: number;
  /** The longest it stays open, ms. Default 60 000. */
  readonly longest?: number;
  /** Probes let through when it is half open; all must succeed. Default 3. */
  readonly probes?: number;
}

/** Whether an attempt may go. One that was admitted is reported with its `era` when it ends. */
export type Admission =
  | { readonly kind: "admit"; readonly era: number }
  | { readonly kind: "refuse"; readonly reason: "open" | "probing" /** ms */; readonly retryAfter: number };

/** `retryAfter` is in ms. */
export type Refusal = Extract<Admission, { kind: "refuse" }>;

type State =
  | { readonly kind: "closed" }
  | { readonly kind: "open"; readonly until: number; readonly duration: number }
  | { readonly kind: "half-open"; readonly duration: number; running: number; succeeded: number };

/** A guess at how long probes take, ms. */
const PROBING = 1000;

/**
 * Stops sending where most fails, then asks with a few probes whether that is over. Attempts that were admitted before the
 * state last changed (another era) count for nothing.
 * Source: Nygard, "Release It!"; cockatiel `CircuitBreakerPolicy`; resilience4j's rate over a window with a minimum.
 */
export class CircuitBreaker {
  readonly #options: Required<BreakerOptions>;
  readonly #attempts: SlidingWindow;
  readonly #failures: SlidingWindow;
  #state: State = { kind: "closed" };
  #admission: Admission & { kind: "admit" } = { kind: "admit", era: 0 };

  constructor(options: BreakerOptions = {}) {
    this.#options = {
      failureShare: 0.5,
      minimum: 20,
      window: 10_000,
      openFor: 5000,
      longest: 60_000,
      probes: 3,
      ...options,
    };
    this.#attempts = new SlidingWindow(this.#options.window);
    this.#failures = new SlidingWindow(this.#options.window);
  }

  get state(): "closed" | "open" | "half-open" {
    return this.#state.kind;
  }

  admit(now: number): Admission {
    const refusal = this.refusal(now);
    if (refusal !== null) return refusal;
    if (this.#state.kind === "open") {
      this.#become({ kind: "half-open", duration: this.#state.duration, running: 0, succeeded: 0 });
    }
    if (this.#state.kind === "half-open") this.#state.running++;
    return this.#admission;
  }

  /** What `admit` would refuse with; null where it would admit. Changes nothing. */
  refusal(now: number): Refusal | null {
    if (this.#state.kind === "open" && now < this.#state.until)
      return { kind: "refuse", reason: "open", retryAfter: this.#state.until - now };
    if (this.#state.kind === "half-open" && this.#state.running + this.#state.succeeded >= this.#options.probes)
      return { kind: "refuse", reason: "probing", retryAfter: PROBING };
    return null;
  }

  succeeded(era: number, now: number): void {
    if (era !== this.#admission.era) return;
    if (this.#state.kind === "closed") this.#attempts.add(now);
    if (this.#state.kind !== "half-open") return;
    this.#state.running--;
    this.#state.succeeded++;
    if (this.#state.succeeded >= this.#options.probes) this.#become({ kind: "closed" });
  }

  failed(era: number, now: number): void {
    if (era !== this.#admission.era) return;
    const { openFor, longest } = this.#options;
    if (this.#state.kind === "half-open") {
      this.#open(now, Math.min(longest, this.#state.duration * 2));
    } else {
      this.#attempts.add(now);
      this.#failures.add(now);
      if (this.#mostFail(now)) this.#open(now, openFor);
    }
  }

  /** An admitted attempt ended without telling anything: the client left. */
  abandoned(era: number): void {
    if (era === this.#admission.era && this.#state.kind === "half-open") this.#state.running--;
  }

  #mostFail(now: number): boolean {
    const { minimum, failureShare } = this.#options;
    const attempts = this.#attempts.total(now);
    return attempts >= minimum && this.#failures.total(now) >= attempts * failureShare;
  }

  #open(now: number, duration: number): void {
    this.#attempts.clear();
    this.#failures.clear();
    this.#become({ kind: "open", until: now + duration, duration });
  }

  #become(state: State): void {
    this.#state = state;
    this.#admission = { kind: "admit", era: this.#admission.era + 1 };
  }
}

import type { Backend, BackendId } from "./backend.ts";

/** What is known of the exchange that needs a backend. */
export interface ChooseContext {
  /** Backends this exchange has tried, or null. */
  readonly tried: readonly BackendId[] | null;
  /** ms. */
  readonly now: number;
  /** 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** The key of consistent hashing; without one a backend is drawn. */
  readonly hashKey?: string | undefined;
  /** The backend this client's session is pinned to. */
  readonly pinned?: BackendId | undefined;
}

/** How an attempt ended, as balancing sees it. */
export interface AttemptOutcome {
  /** From sending to the response head (or to the failure), ms. */
  readonly latency: number;
  /** A gateway fault or a 5xx answer. */
  readonly failed: boolean;
  /** It was given up for a hedge that was faster. Default false. */
  readonly outrun?: boolean;
  /** It timed out, was refused or was told to come later: an adaptive limit falls. Default `failed`. */
  readonly overloaded?: boolean;
  /** ms. */
  readonly now: number;
}

/** One way to choose among candidates. */
export interface Policy {
  /**
   * One of `candidates` that `isOpen`, or undefined when none is. `candidates` is the same array until membership,
   * weight or availability change, so what is derived from it may be kept by its identity. `active` is the pool's
   * number of attempts in flight. The pool counts the picked one in flight.
   */
  pick(candidates: readonly Backend[], context: ChooseContext, active: number): Backend | undefined;
  /** An attempt at `backend` ended (null: the client left) and is no longer counted in `backend.active`. */
  released?(backend: Backend, outcome: AttemptOutcome | null): void;
  /** Another in the same state, which goes its own way from here: one for each priority level, and for dry runs. */
  copy(): Policy;
}

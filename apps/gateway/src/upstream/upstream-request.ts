import type { Duplex } from "node:stream";
import type { AttemptFailure, RetryPlan } from "@headgate/balancer";
import type { FieldList, RepeatedFields } from "@headgate/http";
import type { BodySource } from "../body.ts";
import type { Cancellation } from "../cancellation.ts";
import type { AttemptRecord } from "../observability/exchange-record.ts";
import type { MirrorRule } from "./mirror-rule.ts";
import type { IncomingBody } from "./outgoing-body.ts";
import type { Session } from "./sessions.ts";
import type { UpstreamPool } from "./upstream-pool.ts";

/** A request body as an attempt sends it. */
export interface OutgoingBody {
  /** Bytes it will have; null if unknown, then it goes out chunked. */
  readonly length: number | null;
  /** Whether `open` may be called once more: every byte is still held. */
  readonly replayable: boolean;
  /** All of it, where it is held as a whole; null else. */
  readonly bytes: Buffer | null;
  /** The body for one attempt: whole bytes, or a source. */
  open(): Buffer | BodySource;
}

/** What comes after a failed attempt. `retryAfter` is what the backend asked for, ms from now. */
export type PlanNext = (request: UpstreamRequest, failure: AttemptFailure, retryAfter?: number) => RetryPlan;

/** What the retry layer keeps of a request. */
export interface RetryState {
  readonly planNext: PlanNext;
  /** How many of the exchange's attempts were made before this request. */
  readonly before: number;
  /** When a response head must be here, monotonic ms; undefined for no such time. */
  readonly deadline: number | undefined;
}

/** What a pool is asked for: a request ready to send to any of its backends. */
export interface UpstreamRequest {
  readonly method: string;
  /** Origin-form target, begins with one `/`. */
  readonly path: string;
  /** End-to-end fields with Host; no framing field. */
  readonly fields: FieldList;
  /** What these fields began with when they were made; null where nothing is known of that. */
  readonly repeated: RepeatedFields | null;
  /** Address of the client. */
  readonly client: string;
  /** The client's session with a backend; null where the pool keeps none. */
  readonly session: Session | null;
  /** Whether it has an Idempotency-Key that its route trusts: then any method may be repeated. */
  readonly idempotencyKey: boolean;
  /** The client's body; null without one. */
  readonly incoming: IncomingBody | null;
  /** What attempts send; made from `incoming` by the retry layer. */
  body: OutgoingBody | null;
  /** Set by the retry layer. */
  retry: RetryState | null;
  readonly pool: UpstreamPool;
  /** How it is copied to another pool; null where it is not. */
  readonly mirror: MirrorRule | null;
  /** Bytes: of a body that is held for another attempt, and of one that is held for a slow reader. */
  readonly limits: { readonly replay: number; readonly responseBuffer: number };
  /** Ends every attempt and wait of this request. */
  readonly cancellation: Cancellation;
  /** Whether it is sent beside an attempt that is still under way. */
  readonly hedge: boolean;
  /** `websocket` for an upgrade; null else. */
  readonly upgrade: string | null;
  /** Grows by one for each attempt. */
  readonly attempts: AttemptRecord[];
  /** Takes interim responses (102, 103) as they come; null drops them. */
  readonly interim: { informational(status: number, fields: FieldList): void } | null;
}

/** A backend's final response head, with the body still to come. */
export interface UpstreamResponse {
  readonly status: number;
  /** End-to-end fields; the receiver's to change. */
  readonly fields: FieldList;
  /** The same as they came, with their lines. */
  readonly received?: RepeatedFields | undefined;
  readonly backend: string;
  /** The upgraded connection of a 101; null else. */
  readonly tunnel: Duplex | null;
  /** Whether all of it has arrived. */
  readonly whole: boolean;
  /**
   * Has `told` called once, when the body is here whole (null) or has broken off, and until then keeps all that comes; with
   * null no longer. Only before `takeBody`.
   */
  whenOver(told: ((error: Error | null) => void) | null): void;
  /** The body, once: null without content, bytes if all has arrived by now, else its source. */
  takeBody(): Buffer | BodySource | null;
}

import { isIdempotent } from "@headgate/http";
import type { AttemptFailure, FailureKind } from "./attempt-failure.ts";
import { backoff } from "./backoff.ts";
import type { RetryBudget } from "./retry-budget.ts";

export interface RetryInput {
  readonly method: string;
  /** Attempts made so far, the failed one included. */
  readonly attempts: number;
  /** Retries allowed, so at most `retries + 1` attempts. */
  readonly retries: number;
  readonly failure: AttemptFailure;
  /** Whether the request's body can be sent again: none, kept whole, or not yet read. */
  readonly replayable: boolean;
  /** Whether a byte of the response has gone to the client. */
  readonly responseStarted: boolean;
  readonly budget: RetryBudget;
  /** ms. */
  readonly now: number;
  readonly random: () => number;
  /** When the whole exchange must be over, ms on the clock of `now`. */
  readonly deadline?: number | undefined;
  /** The route lets an Idempotency-Key make any method idempotent, and the request has one. */
  readonly idempotencyKey?: boolean | undefined;
  /** The Retry-After of the answer, ms from now. */
  readonly retryAfter?: number | undefined;
  /** Failures that are retried. Default all but `bad-response`. */
  readonly on?: ReadonlySet<FailureKind> | undefined;
}

export type RetryReason = "failover" | "backoff" | "retry-after";

export type GiveUpReason =
  | "response-started"
  | "no-attempts-left"
  | "failure-not-retried"
  | "not-idempotent"
  | "body-not-replayable"
  | "retry-after-too-long"
  | "deadline"
  | "budget";

export type RetryPlan =
  | { readonly kind: "retry" /** ms */; readonly delay: number; readonly reason: RetryReason }
  | { readonly kind: "give-up"; readonly reason: GiveUpReason };

/** A Retry-After up to here is waited for, ms; beyond it the answer goes to the client, who can wait better. */
const LONGEST_RETRY_AFTER = 1000;

/** What is retried by default: a malformed answer may be the answer to something else, so it is not. */
export const RETRIED_BY_DEFAULT: ReadonlySet<FailureKind> = new Set([
  "refused",
  "connect-timeout",
  "tls",
  "unreachable",
  "head-timeout",
  "reset",
  "body-timeout",
  "status",
]);

/** Failures after which another backend can be tried without waiting. */
const FAIL_OVER: ReadonlySet<FailureKind> = new Set(["refused", "unreachable"]);

/**
 * Whether and when a failed attempt is tried again. Takes from the budget when it says `retry`.
 * An exchange that may have been executed is repeated only if its method is idempotent (RFC 9110 §9.2.2) or it has an
 * Idempotency-Key; one of which no byte reached a backend always may be.
 */
export function planRetry(input: RetryInput): RetryPlan {
  const against = forbidden(input);
  if (against !== null) return giveUp(against);
  const retry = schedule(input);
  const { deadline, now } = input;
  if (retry.delay > LONGEST_RETRY_AFTER) return giveUp("retry-after-too-long");
  if (deadline !== undefined && now + retry.delay >= deadline) return giveUp("deadline");
  return input.budget.take(now) ? retry : giveUp("budget");
}

function forbidden({ method, failure, on = RETRIED_BY_DEFAULT, ...input }: RetryInput): GiveUpReason | null {
  if (input.responseStarted) return "response-started";
  if (!on.has(failure.kind)) return "failure-not-retried";
  if (failure.bytesSent && !isIdempotent(method) && input.idempotencyKey !== true) return "not-idempotent";
  if (!input.replayable) return "body-not-replayable";
  return input.attempts > input.retries ? "no-attempts-left" : null;
}

function schedule({ failure, attempts, random, retryAfter = 0 }: RetryInput): RetryPlan & { kind: "retry" } {
  if (FAIL_OVER.has(failure.kind)) return { kind: "retry", delay: 0, reason: "failover" };
  const delay = backoff(attempts, random);
  if (retryAfter > delay) return { kind: "retry", delay: retryAfter, reason: "retry-after" };
  return { kind: "retry", delay, reason: "backoff" };
}

function giveUp(reason: GiveUpReason): RetryPlan {
  return { kind: "give-up", reason };
}

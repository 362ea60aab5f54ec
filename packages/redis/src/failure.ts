/**
 * Why a command came to nothing: Redis was known to be out of reach (and was not asked), did not answer in time, was lost on
 * the way, would not take a write (full, or a replica), or answered with an error.
 */
export type FailureKind = "down" | "timeout" | "lost" | "refused" | "error";

export const FAILURE_KINDS: readonly FailureKind[] = ["down", "timeout", "lost", "refused", "error"];

/** The one error that this package rejects with: the shared tier is of no use at the moment. */
export class RedisFailure extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string) {
    super(message);
    this.name = "RedisFailure";
    this.kind = kind;
  }
}

/** Error replies that are about writing alone. */
const REFUSALS: ReadonlySet<string> = new Set(["OOM", "READONLY", "MISCONF", "NOREPLICAS"]);

/** The code of an error reply, or of what went wrong within a script; empty for errors of the client itself. */
export function replyCode(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  // Up to Redis 6 scripts hand on what a command of theirs was told as "ERR Error running script (...): @user_script:1: -OOM ...".
  return (/: -([A-Z]{2,})\b/.exec(message) ?? /^([A-Z]{2,})\b/.exec(message))?.[1] ?? "";
}

/** What an error of a client amounts to. Of the original only the message is kept: clients add the arguments, which are bodies. */
export function failureOf(error: unknown): RedisFailure {
  if (error instanceof RedisFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = replyCode(error);
  if (code === "") return new RedisFailure("lost", message);
  return new RedisFailure(REFUSALS.has(code) ? "refused" : "error", message);
}

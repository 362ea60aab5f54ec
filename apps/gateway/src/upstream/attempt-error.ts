import type { AttemptFailure, RetryPlan } from "@headgate/balancer";
import { ClientGone, GatewayError } from "../gateway-error.ts";

/** No way leads to the backend. */
const UNREACHABLE = new Set(["EHOSTUNREACH", "EHOSTDOWN", "ENETUNREACH", "ENETDOWN", "ETIMEDOUT"]);
/** Nothing takes connections there. */
const REFUSED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ENOENT"]);
/** The gateway's process or machine has no socket, port or memory left. */
const EXHAUSTED = new Set(["EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENOBUFS", "ENOMEM"]);
/** The request as the gateway made it is none that can be sent. */
const UNSENDABLE = new Set(["UPSTREAM_UNSENDABLE", "UPSTREAM_BODY_LENGTH"]);
const RESET = new Set([
  ...["ECONNRESET", "EPIPE", "ECONNABORTED"],
  ...["UPSTREAM_ENDED", "UPSTREAM_CLOSED", "UPSTREAM_DESTROYED"],
]);

/** What was known of an attempt when its engine reported an error. */
export interface AttemptProgress {
  /** The request was handed to a connection: some of its bytes may have left. */
  readonly sent: boolean;
  /** A byte of the response came in. */
  readonly responseBegun: boolean;
  /** The response head was complete. */
  readonly headDone: boolean;
}

/** Whose time was over: that of one try, or of all together. */
export type TimeLimit = "per-try" | "total";

/** How an attempt ended, for records and clients: its failure's kind, with the gateway's own time limits told apart. */
export type FailedOutcome = AttemptFailure["kind"] | `${TimeLimit}-timeout`;

/** What else is known of a failed attempt. */
export interface AttemptErrorDetails {
  readonly limit?: TimeLimit;
  /** What the retry plan has said already: the attempt was given up for it. */
  readonly plan?: RetryPlan;
}

/** An attempt that failed, with what the retry plan needs to know of it. */
export class AttemptError extends Error {
  readonly failure: AttemptFailure;
  readonly backend: string;
  readonly outcome: FailedOutcome;
  readonly plan: RetryPlan | null;

  constructor(backend: string, failure: AttemptFailure, cause: Error, { limit, plan }: AttemptErrorDetails = {}) {
    super(`${failure.kind} at ${backend} (${cause.message})`, { cause });
    this.name = "AttemptError";
    this.backend = backend;
    this.failure = failure;
    this.outcome = limit === undefined ? failure.kind : `${limit}-timeout`;
    this.plan = plan ?? null;
  }
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}

/** What is no fault of the backend, as it is told to the client: the client's body, or the gateway itself. Null else. */
export function ownFault(error: Error): Error | null {
  if (error instanceof GatewayError || error instanceof ClientGone) return error;
  const code = codeOf(error);
  if (UNSENDABLE.has(code)) return error;
  if (!EXHAUSTED.has(code)) return null;
  const options = { fields: ["Retry-After", "1"], cause: error };
  return new GatewayError("overload", `The gateway can open no more connections (${code}).`, options);
}

/**
 * Names the client's error in the retry plan's terms. By code, never by message text, and by how far the attempt had come: an
 * end without a byte of response is a reset, one within its head a bad response.
 */
export function classifyFailure(error: Error, progress: AttemptProgress): AttemptFailure {
  const code = codeOf(error);
  if (!progress.sent) return { phase: "connect", kind: connectKind(code), bytesSent: false };
  if (progress.headDone)
    return { phase: "body", kind: code === "UPSTREAM_BODY_TIMEOUT" ? "body-timeout" : "reset", bytesSent: true };
  if (code === "UPSTREAM_HEAD_TIMEOUT") return { phase: "head", kind: "head-timeout", bytesSent: true };
  if (!progress.responseBegun && UNREACHABLE.has(code)) return { phase: "sent", kind: "unreachable", bytesSent: true };
  if (progress.responseBegun || !RESET.has(code)) return { phase: "head", kind: "bad-response", bytesSent: true };
  return { phase: "sent", kind: "reset", bytesSent: true };
}

function connectKind(code: string): AttemptFailure["kind"] {
  if (code === "UPSTREAM_CONNECT_TIMEOUT" || code === "ETIMEDOUT") return "connect-timeout";
  if (REFUSED.has(code) || UNREACHABLE.has(code) || RESET.has(code)) return "refused";
  return "tls";
}

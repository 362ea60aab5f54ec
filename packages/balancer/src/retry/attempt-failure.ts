/**
 * How an attempt failed. `refused` the connection was refused; `connect-timeout` none was made in time; `tls` the
 * handshake failed; `unreachable` the backend was found UNREACHABLE while a head was awaited; `head-timeout` no head in
 * time; `reset` it broke off; `body-timeout` its body stood still; `status` it answered with a status that the pool retries on; `bad-response` what came is
 * not HTTP.
 */
export type FailureKind =
  | "refused"
  | "connect-timeout"
  | "tls"
  | "unreachable"
  | "head-timeout"
  | "reset"
  | "body-timeout"
  | "status"
  | "bad-response";

export interface AttemptFailure {
  /** How far it had come: connecting, sending the request, awaiting the head, or reading the body. */
  readonly phase: "connect" | "sent" | "head" | "body";
  readonly kind: FailureKind;
  /** False only if it is known that no byte of the request reached a backend. */
  readonly bytesSent: boolean;
}

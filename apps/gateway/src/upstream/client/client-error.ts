/** Why the client gave a request up. What the system, TLS or the response itself did wrong comes with their own codes. */
export type ClientErrorCode =
  /** No connection within the time for it. */
  | "UPSTREAM_CONNECT_TIMEOUT"
  /** Silence for too long where a response head was awaited. */
  | "UPSTREAM_HEAD_TIMEOUT"
  /** Silence for too long within a response body. */
  | "UPSTREAM_BODY_TIMEOUT"
  /** The other side ended the connection before the response was whole. */
  | "UPSTREAM_ENDED"
  /** The connections to this backend take no more requests. */
  | "UPSTREAM_CLOSED"
  /** The connections to this backend were broken off. */
  | "UPSTREAM_DESTROYED"
  /** The request is none that HTTP/1.1 can carry; nothing of it was sent. */
  | "UPSTREAM_UNSENDABLE"
  /** The request's body has another length than was told; the connection is gone with it. */
  | "UPSTREAM_BODY_LENGTH";

/** The client's own failures, told apart by `code`. */
export class ClientError extends Error {
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ClientError";
    this.code = code;
  }
}

const SILENT = {
  connecting: ["UPSTREAM_CONNECT_TIMEOUT", "no connection in time"],
  head: ["UPSTREAM_HEAD_TIMEOUT", "no response head in time"],
  body: ["UPSTREAM_BODY_TIMEOUT", "no more of the response's body in time"],
} as const;

/** The other side was silent for too long, in this state of its connection. */
export function silentFor(state: keyof typeof SILENT): ClientError {
  const [code, message] = SILENT[state];
  return new ClientError(code, message);
}

export function ended(): ClientError {
  return new ClientError("UPSTREAM_ENDED", "the other side closed the connection");
}

import type { Duplex } from "node:stream";
import type { ProblemCode } from "@headgate/http";
import { GatewayError } from "../gateway-error.ts";
import { problemResponse } from "../problem-response.ts";
import { rawRefusal } from "./write-response.ts";

/** What node's parser refuses, by its error codes, and how the client is told. */
const REFUSALS: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: ["fields-too-large", "The request head is larger than the limit."],
  HPE_INVALID_METHOD: ["malformed-request", "The request's method is not one that is known."],
  HPE_INVALID_URL: ["invalid-target", "The request target holds a character that it must not hold."],
  HPE_INVALID_CONTENT_LENGTH: ["invalid-content-length", "Content-Length is not a decimal number of bytes."],
  HPE_UNEXPECTED_CONTENT_LENGTH: ["length-with-transfer-encoding", "The length of the content is told twice."],
  HPE_INVALID_TRANSFER_ENCODING: ["invalid-transfer-encoding", 'Transfer-Encoding is not exactly "chunked".'],
  HPE_INVALID_HEADER_TOKEN: ["malformed-field", "A field holds a character that it must not hold, or a folded line."],
  ERR_HTTP_REQUEST_TIMEOUT: ["request-timeout", "The request head did not come in time."],
};

/**
 * Answers a connection whose bytes are no request, and ends it: where the next request would begin is unknown.
 * A connection that broke, or whose last response is still under way, is only ended.
 */
export function refuseConnection(error: Error & { code?: string }, socket: Duplex & { _httpMessage?: unknown }): void {
  const busy = socket._httpMessage !== undefined && socket._httpMessage !== null;
  if (!socket.writable || error.code === "ECONNRESET" || busy) {
    socket.destroy();
    return;
  }
  const [code, detail] = REFUSALS[error.code ?? ""] ?? ["malformed-request", "The request is not valid HTTP."];
  socket.end(rawRefusal(problemResponse(new GatewayError(code, detail), [])));
  // A client that never closes its side must not keep the socket.
  setTimeout(() => socket.destroy(), 1000).unref();
}

import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { ProblemCode } from "@headgate/http";
import { GatewayError } from "../gateway-error.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import { problemResponse } from "../problem-response.ts";

/** What node's parser refuses, by its error codes, and how the client is told. */
const REFUSALS: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: ["fields-too-large", "The request head is larger than the limit."],
  HPE_INVALID_METHOD: ["malformed-request", "The request's method is not one that is known."],
  HPE_INVALID_URL: ["invalid-target", "The request target holds a character that it must not hold."],
  HPE_INVALID_CONTENT_LENGTH: ["invalid-content-length", "Content-Length is not a decimal number of bytes."],
  HPE_UNEXPECTED_CONTENT_LENGTH: ["length-with-transfer-encoding", "The length of the content is told twice."],
  HPE_INVALID_TRANSFER_ENCODING: ["invalid-transfer-encoding", 'Transfer-Encoding is not exactly "chunked".'],
  HPE_INVALID_HEADER_TOKEN: ["malformed-field", "A field holds a character that it must not hold, or a folded line."],
  HPE_INVALID_EOF_STATE: ["incomplete-content", "The connection ended before the request did."],
  ERR_HTTP_REQUEST_TIMEOUT: ["request-timeout", "The request head did not come in time."],
};

/** A connection as node's parser sees it; the response under way is told by no public API. */
type Connection = Duplex & { readonly _httpMessage?: ServerResponse<IncomingMessage> | null };

/** Connections that are refused: node's parser tells of its error again with all that still comes. */
const refused = new WeakSet<Duplex>();

/**
 * Answers a connection whose bytes are no request, and ends it: where the next request would begin is unknown. A request
 * whose content is at fault is failed, and answered like any other; one that is whole gets its own answer first.
 */
export function refuseConnection(error: Error & { code?: string }, socket: Connection): void {
  if (!socket.writable || error.code === "ECONNRESET") socket.destroy();
  else if (!refused.has(socket)) {
    refused.add(socket);
    refuse(error, socket);
  }
}

function refuse(error: Error & { code?: string }, socket: Connection): void {
  const reply = socket._httpMessage ?? null;
  if (reply === null) {
    socket.end(rawRefusal(problemResponse(refusal(error), [])));
    // A client that never closes its side must not keep the socket.
    setTimeout(() => socket.destroy(), 1000).unref();
  } else if (!reply.req.complete) {
    failContent(reply, refusal(error), socket);
  } else if (error.code !== "HPE_CLOSED_CONNECTION") {
    reply.once("finish", () => refuse(error, socket));
  }
}

/**
 * Whoever reads the content fails with it, and answers. Where nobody does, the answer may still come; only a client that has
 * ended within its content waits for none.
 */
function failContent(reply: ServerResponse<IncomingMessage>, error: GatewayError, socket: Connection): void {
  reply.once("finish", () => socket.end());
  if (reply.req.listenerCount("error") > 0) reply.req.emit("error", error);
  else if (error.code === "incomplete-content" && !reply.headersSent) socket.destroy();
}

function refusal({ code }: { code?: string }): GatewayError {
  const [problem, detail] = REFUSALS[code ?? ""] ?? ["malformed-request", "The request is not valid HTTP."];
  return new GatewayError(problem, detail);
}

/** A whole response as bytes, for a connection that has no reply: its request never became one. */
function rawRefusal(response: GatewayResponse): Buffer {
  const lines = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ""}`];
  for (let i = 0; i + 1 < response.fields.length; i += 2)
    lines.push(`${response.fields[i]}: ${response.fields[i + 1]}`);
  lines.push("Connection: close", "", "");
  const body = Buffer.isBuffer(response.body) ? response.body : Buffer.alloc(0);
  return Buffer.concat([Buffer.from(lines.join("\r\n"), "latin1"), body]);
}

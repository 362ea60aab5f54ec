import { ServerResponse } from "node:http";
import { constants, type Http2ServerResponse } from "node:http2";
import { type FieldList, hasField } from "@headgate/http";
import { type BodySink, type BodySource, isSource } from "../body.ts";
import { ClientGone } from "../gateway-error.ts";
import type { GatewayResponse } from "../gateway-response.ts";

/** A response of either protocol, as node's servers hand it over. */
export type ServerReply = ServerResponse | Http2ServerResponse;

/** `broken-off`: the body ended before its end, and so did the connection. */
export type WriteOutcome = "complete" | "client-gone" | "broken-off";

/** What the writer tells of its progress. */
export interface WriteEvents {
  /** Bytes of the body were handed over. */
  bytes(count: number): void;
  /** Nothing more will be written; told once. */
  over(outcome: WriteOutcome): void;
}

/** Up to here a body leaves as text in one write with its head, which is cheaper than two buffers; bytes. */
const TEXT_BODY = 8192;

/** Sends `response` to the client. The only place that touches a reply. */
export class ResponseWriter implements BodySink {
  readonly #reply: ServerReply;
  readonly #events: WriteEvents;
  /** How long the client may take nothing of a waiting body, ms. */
  readonly #stall: number;
  #source: BodySource | null = null;
  /** The source waits for the client. */
  #waiting = false;
  #watched = false;
  /** Own flag: http2's compatibility API says `writableFinished` after a cancel. */
  #ended = false;
  #broken = false;
  /** A byte of a streamed body, or its end, has been handed over, and the head with it. */
  #begun = false;
  #over = false;

  constructor(reply: ServerReply, stall: number, events: WriteEvents) {
    this.#reply = reply;
    this.#stall = stall;
    this.#events = events;
    reply.on("close", () => this.#closed());
    reply.on("error", () => this.#closed());
  }

  /** @param close the connection ends after this response: its framing cannot be trusted, or the gateway stops */
  send(response: GatewayResponse, headOnly: boolean, close: boolean): void {
    const { fields, body, status } = response;
    if (this.#over) {
      if (isSource(body)) body.cancel(new ClientGone());
      return;
    }
    const bodiless = headOnly || status === 204 || status === 304;
    if (this.#reply instanceof ServerResponse) writeHead1(this.#reply, status, fields, body, bodiless, close);
    else writeHead2(this.#reply, status, fields, body, bodiless);
    if (isSource(body) && !bodiless) {
      this.#source = body;
      body.pipe(this);
      // Where its first bytes are still to come, the head does not wait for them: events and long polls begin with it.
      if (!this.#begun && this.#reply instanceof ServerResponse) this.#reply.flushHeaders();
      return;
    }
    if (isSource(body)) body.cancel(new Error("the response has no content"));
    this.#ended = true;
    if (body === null || bodiless || isSource(body)) this.#reply.end();
    else {
      this.#events.bytes(body.length);
      if (this.#reply instanceof ServerResponse && body.length <= TEXT_BODY)
        this.#reply.end(body.toString("latin1"), "latin1");
      else this.#reply.end(body);
      this.#watchRest();
    }
  }

  /** The connection is no longer HTTP: another writes to it. False if the client has gone. */
  handOver(): boolean {
    this.#ended = true;
    return !this.#over;
  }

  data(chunk: Buffer): boolean {
    this.#begun = true;
    this.#events.bytes(chunk.length);
    if ((this.#reply as ServerResponse).write(chunk)) return true;
    if (!this.#waiting) {
      this.#waiting = true;
      this.#reply.once("drain", () => this.#drained());
      this.#watch();
    }
    return false;
  }

  end(trailers: FieldList | null): void {
    this.#begun = true;
    this.#ended = true;
    if (trailers !== null && trailers.length > 0) addTrailers(this.#reply, trailers);
    this.#reply.end();
    this.#watchRest();
  }

  /** What is out must not pass for the whole: the connection or stream is broken off. */
  fail(_error: Error): void {
    this.#begun = true;
    this.#broken = true;
    this.#destroy();
  }

  #drained(): void {
    this.#waiting = false;
    this.#reply.setTimeout(0);
    this.#source?.resume();
  }

  /** Has the client left that takes nothing of what waits for it; node counts anew whenever some of it goes. */
  #watch(): void {
    if (!this.#watched) this.#reply.on("timeout", () => this.#leave());
    this.#watched = true;
    this.#reply.setTimeout(this.#stall);
  }

  /** All is handed over, which does not say that it is taken. */
  #watchRest(): void {
    if (this.#reply.writableLength > 0) this.#watch();
  }

  #leave(): void {
    this.#ended = false;
    this.#destroy();
  }

  #destroy(): void {
    if (this.#reply instanceof ServerResponse) breakOff(this.#reply);
    // `destroy` on a stream of HTTP/2 would end a cut-off body as if it were whole.
    else this.#reply.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  #closed(): void {
    if (this.#over) return;
    this.#over = true;
    const outcome = this.#ended ? "complete" : this.#broken ? "broken-off" : "client-gone";
    if (!this.#ended) this.#source?.cancel(new ClientGone());
    this.#source = null;
    this.#events.over(outcome);
  }
}

/** In HTTP/1.0 the connection's end may be the body's end: only a reset tells that it is not. TLS has no way to do that. */
function breakOff(reply: ServerResponse): void {
  const { socket, req } = reply;
  if (req.httpVersionMinor === 0 && socket !== null && !("encrypted" in socket)) socket.resetAndDestroy();
  reply.destroy();
}

function writeHead1(
  reply: ServerResponse,
  status: number,
  fields: FieldList,
  body: Buffer | BodySource | null,
  bodiless: boolean,
  close: boolean,
): void {
  if (!bodiless) settleLength(fields, body);
  if (status === 204) dropLength(fields);
  if (close) fields.push("Connection", "close");
  // Node would take the word of an HTTP/1.0 client that names chunks in TE (RFC 9112 §6.1: never to HTTP/1.0).
  if (reply.req.httpVersionMinor === 0) reply.useChunkedEncodingByDefault = false;
  reply.writeHead(status, fields);
}

/** What is whole is sent with its length; a stream without one goes out chunked. */
function settleLength(fields: FieldList, body: Buffer | BodySource | null): void {
  if (isSource(body) || hasField(fields, "content-length")) return;
  fields.push("Content-Length", String(body === null ? 0 : body.length));
}

function dropLength(fields: FieldList): void {
  for (let i = fields.length - 2; i >= 0; i -= 2) {
    if (fields[i]?.toLowerCase() === "content-length") fields.splice(i, 2);
  }
}

function writeHead2(
  reply: Http2ServerResponse,
  status: number,
  fields: FieldList,
  body: Buffer | BodySource | null,
  bodiless: boolean,
): void {
  if (!bodiless) settleLength(fields, body);
  const headers: Record<string, string | string[]> = {};
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = (fields[i] as string).toLowerCase();
    const value = fields[i + 1] as string;
    const known = headers[name];
    if (known === undefined) headers[name] = value;
    else if (name === "set-cookie") headers[name] = [...(Array.isArray(known) ? known : [known]), value];
    else headers[name] = `${known}, ${value}`;
  }
  reply.writeHead(status, headers);
}

function addTrailers(reply: ServerReply, trailers: FieldList): void {
  // A body of known length has no place for trailers in HTTP/1.1.
  if (reply instanceof ServerResponse && !reply.chunkedEncoding) return;
  const headers: Record<string, string> = {};
  for (let i = 0; i + 1 < trailers.length; i += 2) {
    const name = (trailers[i] as string).toLowerCase();
    if (!FRAMING_FIELDS.has(name)) headers[name] = trailers[i + 1] as string;
  }
  reply.addTrailers(headers);
}

/** Fields that must not come in trailers (RFC 9110 §6.5.1). */
const FRAMING_FIELDS = new Set([
  "content-length",
  "transfer-encoding",
  "host",
  "content-encoding",
  "content-type",
  "content-range",
  "trailer",
  "set-cookie",
  "cache-control",
  "authorization",
]);

/** Passes an interim response (102, 103) on; clients that cannot take one, or a Node that cannot send it, go without. */
export function writeInformational(reply: ServerReply, status: number, fields: FieldList): void {
  if (reply.headersSent || !("writeInformation" in reply) || typeof reply.writeInformation !== "function") return;
  const headers: Record<string, string | string[]> = {};
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = (fields[i] as string).toLowerCase();
    const value = fields[i + 1] as string;
    const known = headers[name];
    headers[name] = known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value];
  }
  reply.writeInformation(status, headers);
}

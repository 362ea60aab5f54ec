import type { Socket } from "node:net";
import type { FieldList } from "@headgate/http";
import { isTrailer, type Reply, type ReplyEvents, type ReplyHead, type TakenOver } from "../reply.ts";
import type { CorkedSockets, CorkedWriter } from "./corked-sockets.ts";
import { type ContentFraming, interimHead, type ResponseHead } from "./response-head.ts";

/** Up to here a body leaves as text in one write with its head, which is cheaper than two buffers; bytes. */
const TEXT_BODY = 8192;
const CRLF: Buffer = Buffer.from("\r\n");

/** The connection, as its reply uses it. */
export interface ReplyWire extends CorkedWriter {
  readonly socket: Socket;
  readonly heads: ResponseHead;
  /** Asked before a write that may wait for the end of this turn. */
  readonly corked: CorkedSockets;
  /** By TLS, whose writes are never taken at once. */
  readonly secure: boolean;
  /** For writes: tells the reply under way by `taken`. */
  readonly onTaken: () => void;
  /** All of the response is taken. `keep`: the connection goes on to the next request. */
  replied(keep: boolean): void;
  /** Tells of a client that takes nothing for so long, ms; 0 no more. */
  watch(ms: number): void;
  takeOver(): TakenOver | null;
}

/** What the request asks of the connection. */
export interface ReplyTerms {
  /** HTTP/1.0: no chunks, no interim responses. */
  readonly old: boolean;
  /** The client wants the connection to be kept. */
  readonly keep: boolean;
  /** The client waits to be invited to send its content: where it is not, the content may come or not, and who could tell? */
  readonly invites: boolean;
}

/** One response on an HTTP/1 connection. */
export class Http1Reply implements Reply {
  headSent = false;
  readonly #wire: ReplyWire;
  readonly #old: boolean;
  #keep: boolean;
  #uninvited: boolean;
  #events: ReplyEvents | null = null;
  /** A head that waits for the first byte behind it. */
  #head: string | null = null;
  #chunked = false;
  #ended = false;
  #closed = false;
  constructor(wire: ReplyWire, { old, keep, invites }: ReplyTerms) {
    this.#wire = wire;
    this.#old = old;
    this.#keep = keep;
    this.#uninvited = invites;
  }

  get waiting(): number {
    return this.#closed ? 0 : this.#wire.socket.writableLength;
  }

  /** All of it is handed over. */
  get ended(): boolean {
    return this.#ended;
  }

  listen(events: ReplyEvents): void {
    this.#events = events;
  }

  /** The connection ends with this response, whatever the client wanted. */
  forbidKeep(): void {
    this.#keep = false;
  }

  invite(): void {
    this.#uninvited = false;
    this.#wire.socket.write("HTTP/1.1 100 Continue\r\n\r\n", "latin1");
  }

  informational(status: number, fields: FieldList): void {
    if (!this.#old && !this.headSent) this.#wire.socket.write(interimHead(status, fields), "latin1");
  }

  whole(head: ReplyHead, body: Buffer | null, bodiless: boolean, close: boolean): void {
    const { corked, heads, socket } = this.#wire;
    this.#compose(head, bodiless ? "none" : (body?.length ?? 0), close);
    this.#ended = true;
    corked.add(this.#wire);
    const onTaken = this.#wire.secure ? this.#wire.onTaken : undefined;
    if (bodiless || body === null) socket.write(heads.text, "latin1", onTaken);
    else if (body.length <= TEXT_BODY) socket.write(heads.text + body.toString("latin1"), "latin1", onTaken);
    else {
      socket.write(heads.text, "latin1");
      socket.write(body, onTaken);
    }
  }

  begin(head: ReplyHead, close: boolean): void {
    const { heads } = this.#wire;
    this.#compose(head, this.#old ? "close" : "chunked", close);
    this.#chunked = !this.#old && !heads.sized;
    this.#head = heads.text;
  }

  flush(): void {
    if (this.#head === null) return;
    this.#wire.socket.write(this.#head, "latin1");
    this.#head = null;
  }

  write(chunk: Buffer): boolean {
    const { socket } = this.#wire;
    this.#send(chunk);
    // The stream asks for a pause by the chunk's size, although the system has taken all of it.
    return socket.writableLength === 0 || !socket.writableNeedDrain;
  }

  spent(): boolean {
    const { secure, socket } = this.#wire;
    return !secure && socket.writableLength === 0 && socket.errored === null;
  }

  end(trailers: FieldList | null): void {
    const { socket } = this.#wire;
    const rest = `${this.#head ?? ""}${this.#chunked ? `0\r\n${trailerLines(trailers)}\r\n` : ""}`;
    this.#head = null;
    this.#ended = true;
    if (rest !== "") socket.write(rest, "latin1", this.#wire.onTaken);
    else process.nextTick(this.#wire.onTaken);
  }

  watch(ms: number): void {
    if (!this.#closed) this.#wire.watch(ms);
  }

  breakOff(): void {
    if (this.#closed) return;
    const { socket } = this.#wire;
    // In HTTP/1.0 the connection's end may be the body's end: only a reset tells that it is not. TLS has no way to do that.
    if (this.#old && !("encrypted" in socket)) socket.resetAndDestroy();
    socket.destroy();
  }

  takeOver(): TakenOver | null {
    return this.#wire.takeOver();
  }

  /** The system has taken a write. */
  taken(): void {
    if (this.#ended && this.#wire.socket.writableLength === 0) this.#complete();
  }

  /** The system mostly takes all at once, which costs less to see than to be told; else it tells when it has. */
  uncorked(): void {
    const { onTaken, secure, socket } = this.#wire;
    if (secure || !this.#ended || socket.errored !== null || socket.destroyed) return;
    if (socket.writableLength === 0) this.#complete();
    else socket.write("", onTaken);
  }

  drained(): void {
    this.#events?.drained();
  }

  stalled(): void {
    this.#events?.stalled();
  }

  /** The connection is gone. */
  gone(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events?.closed();
  }

  #send(chunk: Buffer): void {
    const { onTaken, socket } = this.#wire;
    if (chunk.length === 0) return;
    const before = this.#chunked ? `${this.#head ?? ""}${chunk.length.toString(16)}\r\n` : this.#head;
    this.#head = null;
    if (before === null) socket.write(chunk, onTaken);
    else if (chunk.length <= TEXT_BODY) {
      const text = before + chunk.toString("latin1");
      socket.write(this.#chunked ? `${text}\r\n` : text, "latin1", onTaken);
    } else {
      socket.cork();
      socket.write(before, "latin1");
      socket.write(chunk, onTaken);
      if (this.#chunked) socket.write(CRLF);
      socket.uncork();
    }
  }

  #compose(head: ReplyHead, framing: ContentFraming, close: boolean): void {
    const keep = this.#keep && !close && !this.#uninvited;
    this.#keep = this.#wire.heads.compose(head, framing, keep);
    this.headSent = true;
  }

  #complete(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events?.closed();
    this.#wire.replied(this.#keep);
  }
}

function trailerLines(trailers: FieldList | null): string {
  let text = "";
  for (let i = 0; trailers !== null && i + 1 < trailers.length; i += 2) {
    const name = (trailers[i] as string).toLowerCase();
    if (isTrailer(name)) text += `${name}: ${trailers[i + 1]}\r\n`;
  }
  return text;
}

import { constants, type Http2ServerResponse } from "node:http2";
import { type FieldList, hasField } from "@headgate/http";
import { isTrailer, type Reply, type ReplyEvents, type ReplyHead } from "../reply.ts";

type Headers = Record<string, string | string[]>;

/** One response on an HTTP/2 stream. */
export class Http2Reply implements Reply {
  readonly #reply: Http2ServerResponse;
  #events: ReplyEvents | null = null;
  #draining = false;
  #timed = false;

  constructor(reply: Http2ServerResponse) {
    this.#reply = reply;
  }

  get headSent(): boolean {
    return this.#reply.headersSent;
  }

  get waiting(): number {
    return this.#reply.writableLength;
  }

  listen(events: ReplyEvents): void {
    this.#events = events;
    this.#reply.on("close", () => events.closed());
    this.#reply.on("error", () => events.closed());
  }

  invite(): void {
    this.#reply.writeContinue();
  }

  informational(status: number, fields: FieldList): void {
    const { stream } = this.#reply;
    if (!this.headSent && stream !== undefined && !stream.destroyed)
      stream.additionalHeaders({ ":status": status, ...joined(fields) });
  }

  whole({ status, fields }: ReplyHead, body: Buffer | null, bodiless: boolean, _close: boolean): void {
    if (!bodiless && !hasField(fields, "content-length")) fields.push("Content-Length", String(body?.length ?? 0));
    this.#reply.writeHead(status, joined(fields));
    if (body === null || bodiless) this.#reply.end();
    else this.#reply.end(body);
  }

  begin({ status, fields }: ReplyHead, _close: boolean): void {
    this.#reply.writeHead(status, joined(fields));
  }

  flush(): void {
    // It is out already.
  }

  write(chunk: Buffer): boolean {
    if (this.#reply.write(chunk)) return true;
    if (!this.#draining) {
      this.#draining = true;
      this.#reply.once("drain", () => {
        this.#draining = false;
        this.#events?.drained();
      });
    }
    return false;
  }

  spent(): boolean {
    return false;
  }

  end(trailers: FieldList | null): void {
    if (trailers !== null && trailers.length > 0) this.#addTrailers(trailers);
    this.#reply.end();
  }

  watch(ms: number): void {
    if (!this.#timed) this.#reply.on("timeout", () => this.#events?.stalled());
    this.#timed = true;
    this.#reply.setTimeout(ms);
  }

  /** `destroy` would end a cut-off body as if it were whole. */
  breakOff(): void {
    this.#reply.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  /** A stream is no connection (RFC 8441 is not spoken). */
  takeOver(): null {
    return null;
  }

  #addTrailers(trailers: FieldList): void {
    const headers: Record<string, string> = {};
    for (let i = 0; i + 1 < trailers.length; i += 2) {
      const name = (trailers[i] as string).toLowerCase();
      if (isTrailer(name)) headers[name] = trailers[i + 1] as string;
    }
    this.#reply.addTrailers(headers);
  }
}

/** Fields as HTTP/2 has them: lower-case, repeated ones joined, but for Set-Cookie. */
function joined(fields: FieldList): Headers {
  const headers: Headers = {};
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = (fields[i] as string).toLowerCase();
    const value = fields[i + 1] as string;
    const known = headers[name];
    if (known === undefined) headers[name] = value;
    else if (name === "set-cookie") headers[name] = [...(Array.isArray(known) ? known : [known]), value];
    else headers[name] = `${known}, ${value}`;
  }
  return headers;
}

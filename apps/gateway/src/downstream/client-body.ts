import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { BodySink, BodySource } from "../body.ts";
import { ClientGone, GatewayError } from "../gateway-error.ts";

/** Bounds of one request body. */
export interface ClientBodyLimits {
  /** Bytes; a longer body fails with `content-too-large`. */
  readonly size: number;
  /** Longest silence, ms; beyond it the body fails with `request-timeout`. */
  readonly idle: number;
}

/** A client's request body as a source; nothing of it is read before somebody wants it. */
export class ClientBody implements BodySource {
  /** What Content-Length says; null for a chunked or HTTP/2 body without one. */
  readonly length: number | null;
  readonly #request: IncomingMessage | Http2ServerRequest;
  readonly #limits: ClientBodyLimits;
  /** Invites the body where the client waits for `100 Continue`. */
  #invite: (() => void) | null;
  #sink: BodySink | null = null;
  #received = 0;
  #idle: NodeJS.Timeout | null = null;
  #over = false;
  #failed = false;

  constructor(
    request: IncomingMessage | Http2ServerRequest,
    length: number | null,
    limits: ClientBodyLimits,
    invite: (() => void) | null,
  ) {
    this.#request = request;
    this.length = length;
    this.#limits = limits;
    this.#invite = invite;
  }

  /** Bytes that have come. */
  get received(): number {
    return this.#received;
  }

  /** Whether all of it has come. */
  get complete(): boolean {
    return this.#request.complete;
  }

  /** Broken off, stalled or malformed: where it ends, and the next request begins, is not known. */
  get failed(): boolean {
    return this.#failed;
  }

  pipe(sink: BodySink): void {
    this.#sink = sink;
    const request = this.#request;
    // Its events are past: without them it would look silent, or in HTTP/2 whole.
    if (request.destroyed || request.aborted) {
      this.#fail(new ClientGone());
      return;
    }
    request.on("data", (chunk: Buffer) => this.#data(chunk));
    request.on("end", () => this.#end());
    request.on("error", (error) => (error instanceof GatewayError ? this.#fail(error) : this.#gone()));
    request.on("close", () => this.#gone());
    this.#idle = setTimeout(() => this.#stalled(), this.#limits.idle);
    this.#invite?.();
    this.#invite = null;
  }

  resume(): void {
    if (this.#over) return;
    this.#idle?.refresh();
    this.#request.resume();
  }

  /** What is still to come is read and dropped by the server, so that the connection can serve the next request. */
  cancel(_reason: Error): void {
    this.#stop();
    this.#request.resume();
  }

  #data(chunk: Buffer): void {
    if (this.#over) return;
    this.#received += chunk.length;
    if (this.#received > this.#limits.size) {
      this.#fail(
        new GatewayError(
          "content-too-large",
          `The content has more than ${this.#limits.size} bytes, which is the limit.`,
        ),
      );
      return;
    }
    this.#idle?.refresh();
    if (this.#sink?.data(chunk) === false) this.#request.pause();
  }

  #end(): void {
    if (this.#over) return;
    const sink = this.#sink;
    this.#stop();
    sink?.end(null);
  }

  /** Closed: the end of every request, and news only where its body has not come to its own. */
  #gone(): void {
    if (!this.#over) this.#fail(new ClientGone());
  }

  #fail(error: Error): void {
    if (this.#over) return;
    this.#failed = true;
    const sink = this.#sink;
    this.#stop();
    sink?.fail(error);
  }

  #stalled(): void {
    // Paused by us, not silent by itself.
    if (this.#request.isPaused()) this.#idle?.refresh();
    else this.#fail(new GatewayError("request-timeout", `The content stopped coming for ${this.#limits.idle} ms.`));
  }

  #stop(): void {
    this.#over = true;
    this.#sink = null;
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
  }
}

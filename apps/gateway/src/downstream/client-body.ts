import type { BodySink, BodySource } from "../body.ts";
import { ClientGone, GatewayError } from "../gateway-error.ts";
import type { ContentEvents, ContentStream } from "./content-stream.ts";

/** Bounds of one request body. */
export interface ClientBodyLimits {
  /** Bytes; a longer body fails with `content-too-large`. */
  readonly size: number;
  /** Longest silence, ms; beyond it the body fails with `request-timeout`. */
  readonly idle: number;
}

/** A client's request body as a source; nothing of it is read before somebody wants it. */
export class ClientBody implements BodySource, ContentEvents {
  /** What Content-Length says; null for a chunked or HTTP/2 body without one. */
  readonly length: number | null;
  readonly #stream: ContentStream;
  readonly #limits: ClientBodyLimits;
  /** Invites the body where the client waits for `100 Continue`. */
  #invite: (() => void) | null;
  #sink: BodySink | null = null;
  #received = 0;
  #idle: NodeJS.Timeout | null = null;
  #over = false;
  #failed = false;

  constructor(stream: ContentStream, length: number | null, limits: ClientBodyLimits, invite: (() => void) | null) {
    this.#stream = stream;
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
    return this.#stream.complete;
  }

  /** Broken off, stalled or malformed: where it ends, and the next request begins, is not known. */
  get failed(): boolean {
    return this.#failed;
  }

  pipe(sink: BodySink): void {
    this.#sink = sink;
    // Most bodies come with their heads: then all is here before the timer would be set.
    if (!this.#stream.complete) queueMicrotask(() => this.#watch());
    this.#invite?.();
    this.#invite = null;
    this.#stream.start(this);
  }

  resume(): void {
    if (this.#over) return;
    this.#idle?.refresh();
    this.#stream.resume();
  }

  /** What is still to come is read and dropped by the server, so that the connection can serve the next request. */
  cancel(_reason: Error): void {
    this.#stop();
    this.#stream.drop();
  }

  data(chunk: Buffer): void {
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
    if (this.#sink?.data(chunk) === false) this.#stream.pause();
  }

  end(): void {
    if (this.#over) return;
    const sink = this.#sink;
    this.#stop();
    sink?.end(null);
  }

  gone(): void {
    this.#fail(new ClientGone());
  }

  fail(error: GatewayError): void {
    this.#fail(error);
  }

  #fail(error: Error): void {
    if (this.#over) return;
    this.#failed = true;
    const sink = this.#sink;
    this.#stop();
    sink?.fail(error);
  }

  #watch(): void {
    if (!this.#over) this.#idle = setTimeout(() => this.#stalled(), this.#limits.idle);
  }

  #stalled(): void {
    // Paused by us, not silent by itself.
    if (this.#stream.paused) this.#idle?.refresh();
    else this.#fail(new GatewayError("request-timeout", `The content stopped coming for ${this.#limits.idle} ms.`));
  }

  #stop(): void {
    this.#over = true;
    this.#sink = null;
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
  }
}

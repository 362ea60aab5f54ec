import type { Http2ServerRequest } from "node:http2";
import type { ContentEvents, ContentStream } from "../content-stream.ts";

/** The content of one HTTP/2 request; nothing of it is read before somebody wants it. */
export class Http2Content implements ContentStream {
  readonly #request: Http2ServerRequest;

  constructor(request: Http2ServerRequest) {
    this.#request = request;
  }

  get complete(): boolean {
    return this.#request.complete;
  }

  get paused(): boolean {
    return this.#request.isPaused();
  }

  start(events: ContentEvents): void {
    const request = this.#request;
    // Its events are past: without them it would look whole.
    if (request.destroyed || request.aborted) {
      events.gone();
      return;
    }
    request.on("data", (chunk: Buffer) => events.data(chunk));
    request.on("end", () => events.end());
    request.on("error", () => events.gone());
    request.on("close", () => events.gone());
  }

  pause(): void {
    this.#request.pause();
  }

  resume(): void {
    this.#request.resume();
  }

  drop(): void {
    this.#request.resume();
  }
}

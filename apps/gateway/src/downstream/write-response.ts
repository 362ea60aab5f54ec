import type { FieldList } from "@headgate/http";
import { type BodySink, type BodySource, isSource } from "../body.ts";
import { ClientGone } from "../gateway-error.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import type { Reply, ReplyEvents, ReplyHead, TakenOver } from "./reply.ts";

/** `broken-off`: the body ended before its end, and so did the connection. */
export type WriteOutcome = "complete" | "client-gone" | "broken-off";

/** What the writer tells of its progress. */
export interface WriteEvents {
  /** Bytes of the body were handed over. */
  bytes(count: number): void;
  /** Nothing more will be written; told once. */
  over(outcome: WriteOutcome): void;
}

/** Sends `response` to the client. The only place that touches a reply. */
export class ResponseWriter implements BodySink, ReplyEvents {
  readonly #reply: Reply;
  readonly #events: WriteEvents;
  /** How long the client may take nothing of a waiting body, ms. */
  readonly #stall: number;
  #source: BodySource | null = null;
  /** The source waits for the client. */
  #waiting = false;
  #ended = false;
  #broken = false;
  /** A byte of a streamed body, or its end, has been handed over, and the head with it. */
  #begun = false;
  #over = false;

  constructor(reply: Reply, stall: number, events: WriteEvents) {
    this.#reply = reply;
    this.#stall = stall;
    this.#events = events;
    reply.listen(this);
  }

  /** @param close the connection ends after this response: its framing cannot be trusted, or the gateway stops */
  send(response: GatewayResponse, headOnly: boolean, close: boolean): void {
    const { body, status } = response;
    if (this.#over) {
      if (isSource(body)) body.cancel(new ClientGone());
      return;
    }
    const bodiless = headOnly || status === 204 || status === 304;
    if (isSource(body) && !bodiless) this.#stream(response, body, close);
    else {
      if (isSource(body)) body.cancel(new Error("the response has no content"));
      const bytes = isSource(body) ? null : body;
      this.#ended = true;
      if (bytes !== null && !bodiless) this.#events.bytes(bytes.length);
      this.#reply.whole(response, bytes, bodiless, close);
      this.#watchRest();
    }
  }

  #stream(head: ReplyHead, body: BodySource, close: boolean): void {
    this.#reply.begin(head, close);
    this.#source = body;
    body.pipe(this);
    // Where its first bytes are still to come, the head does not wait for them: events and long polls begin with it.
    if (!this.#begun) this.#reply.flush();
  }

  /** The connection is no longer HTTP: another writes to it. Null if the client has gone. */
  takeOver(): TakenOver | null {
    const taken = this.#over ? null : this.#reply.takeOver();
    this.#ended = taken !== null;
    return taken;
  }

  data(chunk: Buffer): boolean {
    this.#begun = true;
    this.#events.bytes(chunk.length);
    if (this.#reply.write(chunk)) return true;
    if (!this.#waiting) {
      this.#waiting = true;
      this.#reply.watch(this.#stall);
    }
    return false;
  }

  spent(): boolean {
    return this.#reply.spent();
  }

  end(trailers: FieldList | null): void {
    this.#begun = true;
    this.#ended = true;
    this.#reply.end(trailers);
    this.#watchRest();
  }

  /** What is out must not pass for the whole: the connection or stream is broken off. */
  fail(_error: Error): void {
    this.#begun = true;
    this.#broken = true;
    this.#reply.breakOff();
  }

  drained(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.#reply.watch(0);
    this.#source?.resume();
  }

  stalled(): void {
    this.#ended = false;
    this.#reply.breakOff();
  }

  closed(): void {
    if (this.#over) return;
    this.#over = true;
    const outcome = this.#ended ? "complete" : this.#broken ? "broken-off" : "client-gone";
    if (!this.#ended) this.#source?.cancel(new ClientGone());
    this.#source = null;
    this.#events.over(outcome);
  }

  /** All is handed over, which does not say that it is taken. */
  #watchRest(): void {
    if (this.#reply.waiting > 0) this.#reply.watch(this.#stall);
  }
}

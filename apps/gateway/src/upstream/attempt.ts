import type { Duplex } from "node:stream";
import type { AttemptFailure } from "@headgate/balancer";
import { endToEnd, endToEndSection, type FieldList, type RepeatedFields } from "@headgate/http";
import type { BodySink, BodySource } from "../body.ts";
import type { Clock } from "../clock.ts";
import type { AttemptRecord } from "../observability/exchange-record.ts";
import { AttemptError, classifyFailure, ownFault } from "./attempt-error.ts";
import type { ClientControl, ClientExchange } from "./client/client-exchange.ts";
import type { UpstreamRequest, UpstreamResponse } from "./upstream-request.ts";

/** How an attempt tells its promise and its owner. */
export interface AttemptEvents {
  readonly resolve: (response: UpstreamResponse) => void;
  readonly reject: (error: Error) => void;
  /** Once, when nothing of the attempt is left: body delivered (null), broken off or cancelled. */
  readonly settled: (error: Error | null) => void;
}

type Phase = "waiting" | "sent" | "begun" | "head" | "over";

/**
 * One attempt at one backend: the client's exchange and the response as a value in one object. Until a sink is attached it
 * holds up to `responseBuffer` bytes, then pauses the connection.
 */
export class Attempt implements BodySource, UpstreamResponse, ClientExchange {
  status = 0;
  fields: FieldList = [];
  received: RepeatedFields | undefined = undefined;
  tunnel: Duplex | null = null;
  readonly backend: string;
  readonly request: UpstreamRequest;
  readonly #record: AttemptRecord;
  readonly #clock: Clock;
  readonly #events: AttemptEvents;
  readonly #responseBuffer: number;
  readonly #onCancel = (): void => {
    const sink = this.#sink;
    const reason = this.request.cancellation.reason ?? new Error("cancelled");
    this.cancel(reason);
    // It was not the reader who cancelled: it must hear that no more will come.
    sink?.fail(reason);
  };
  #phase: Phase = "waiting";
  /** What carries it, until it is over: a connection serves others then. */
  #control: ClientControl | null = null;
  /** Where it waits for a connection. */
  #queue: Pick<ClientControl, "abort"> | null = null;
  #cancelled: Error | null = null;
  #sink: BodySink | null = null;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #complete = false;
  #failed: Error | null = null;
  #trailers: FieldList | null = null;
  #whenOver: ((error: Error | null) => void) | null = null;

  constructor(
    request: UpstreamRequest,
    record: AttemptRecord,
    responseBuffer: number,
    clock: Clock,
    events: AttemptEvents,
  ) {
    this.request = request;
    this.#record = record;
    this.#responseBuffer = responseBuffer;
    this.#clock = clock;
    this.#events = events;
    this.backend = record.backend;
    request.cancellation.onCancel(this.#onCancel);
  }

  /** Whether it is over already: cancelled before it could be sent. */
  get over(): boolean {
    return this.#phase === "over";
  }

  get whole(): boolean {
    return this.#complete;
  }

  /** The failure of an attempt that is given up before its head. */
  failureOf(kind: "timeout" | "unreachable"): AttemptFailure {
    const bytesSent = this.#phase !== "waiting";
    if (kind === "unreachable") return { phase: bytesSent ? "sent" : "connect", kind, bytesSent };
    return bytesSent
      ? { phase: "head", kind: "head-timeout", bytesSent }
      : { phase: "connect", kind: "connect-timeout", bytesSent };
  }

  onWaiting(queue: Pick<ClientControl, "abort">): void {
    this.#queue = queue;
  }

  onSent(control: ClientControl): void {
    this.#queue = null;
    if (this.#cancelled !== null) {
      control.abort(this.#cancelled);
      return;
    }
    this.#control = control;
    this.#phase = "sent";
    this.#record.sentAt = this.#clock.tick();
  }

  onBegun(): void {
    if (this.#phase === "sent") this.#phase = "begun";
  }

  onInterim(status: number, fields: FieldList): void {
    this.request.interim?.informational(status, endToEnd(fields));
  }

  onHead(status: number, fields: FieldList, section = ""): void {
    this.#phase = "head";
    this.#record.headAt = this.#clock.tick();
    this.#record.status = status;
    this.status = status;
    this.received = endToEndSection(fields, section);
    this.fields = this.received.fields.slice();
    this.#events.resolve(this);
  }

  onUpgrade(status: number, fields: FieldList, socket: Duplex): void {
    this.tunnel = socket;
    this.#complete = true;
    this.onHead(status, fields);
    socket.once("close", () => this.#settle(null));
  }

  onData(chunk: Buffer): boolean {
    const sink = this.#sink;
    if (sink !== null) {
      if (!sink.data(chunk)) this.#control?.pause();
      return sink.spent?.() === true;
    }
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes >= this.#responseBuffer && this.#whenOver === null) this.#control?.pause();
    return false;
  }

  onEnd(trailers: FieldList | null): void {
    if (trailers !== null && trailers.length > 0) this.#trailers = endToEnd(trailers);
    this.#complete = true;
    this.#settle(null);
    this.#sink?.end(this.#trailers);
  }

  onError(cause: Error): void {
    if (this.#phase === "over") return;
    const headDone = this.#phase === "head";
    const failure = classifyFailure(cause, {
      sent: this.#phase !== "waiting",
      responseBegun: this.#phase === "begun" || headDone,
      headDone,
    });
    const error = this.#cancelled ?? ownFault(cause) ?? new AttemptError(this.backend, failure, cause);
    this.#failed = error;
    this.#settle(error);
    if (!headDone) this.#events.reject(error);
    else if (this.#cancelled === null) this.#sink?.fail(error);
  }

  whenOver(told: ((error: Error | null) => void) | null): void {
    this.#whenOver = told;
    if (this.#phase === "over") told?.(this.#failed ?? this.#cancelled);
    else if (told !== null) this.#control?.resume();
  }

  takeBody(): Buffer | BodySource | null {
    if (!this.#complete || this.#trailers !== null) return this;
    const held = this.#held;
    this.#held = [];
    return held.length === 0 ? null : held.length === 1 ? (held[0] ?? null) : Buffer.concat(held);
  }

  pipe(sink: BodySink): void {
    if (this.#cancelled !== null) {
      sink.fail(this.#cancelled);
      return;
    }
    let flowing = true;
    // Where the sink resumes from within `data`, more comes to be held meanwhile: it is delivered in its turn.
    for (const chunk of this.#held) {
      flowing = sink.data(chunk);
      if (this.#cancelled !== null) return;
    }
    this.#held = [];
    if (this.#complete) sink.end(this.#trailers);
    else if (this.#failed !== null) sink.fail(this.#failed);
    else {
      this.#sink = sink;
      if (flowing) this.#control?.resume();
      else this.#control?.pause();
    }
  }

  resume(): void {
    if (this.#phase !== "over") this.#control?.resume();
  }

  cancel(reason: Error): void {
    if (this.#cancelled !== null) return;
    this.#cancelled = reason;
    this.#sink = null;
    this.#held = [];
    if (this.#phase === "over") return;
    if (this.tunnel !== null) this.tunnel.destroy();
    else {
      const control = this.#control ?? this.#queue;
      if (control === null) this.onError(reason);
      else control.abort(reason);
    }
  }

  #settle(error: Error | null): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    this.#control = null;
    this.#queue = null;
    this.request.cancellation.off(this.#onCancel);
    this.#whenOver?.(error);
    this.#events.settled(error);
  }
}

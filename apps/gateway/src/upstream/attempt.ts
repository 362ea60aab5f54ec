import type { Duplex, Readable } from "node:stream";
import type { AttemptFailure } from "@headgate/balancer";
import type { FieldList } from "@headgate/http";
import { type BodySink, type BodySource, isSource } from "../body.ts";
import type { Clock } from "../clock.ts";
import type { AttemptRecord } from "../observability/exchange-record.ts";
import { AttemptError, classifyFailure, ownFault } from "./attempt-error.ts";
import { readableFrom } from "./body-readable.ts";
import type { DispatchOptions } from "./dispatch-options.ts";
import { responseFields } from "./response-fields.ts";
import type { UpstreamRequest, UpstreamResponse } from "./upstream-request.ts";

/** What the attempt uses of undici's controller. */
interface Controller {
  readonly rawHeaders?: unknown;
  readonly rawTrailers?: unknown;
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}

/** How an attempt tells its promise and its owner. */
export interface AttemptEvents {
  readonly resolve: (response: UpstreamResponse) => void;
  readonly reject: (error: Error) => void;
  /** Once, when nothing of the attempt is left: body delivered (null), broken off or cancelled. */
  readonly settled: (error: Error | null) => void;
}

type Phase = "waiting" | "sent" | "begun" | "head" | "over";

/**
 * One attempt at one backend: undici's handler and the response as a value in one object. Until a sink is attached it
 * holds up to `responseBuffer` bytes, then pauses the connection.
 */
export class Attempt implements BodySource, UpstreamResponse {
  status = 0;
  fields: FieldList = [];
  tunnel: Duplex | null = null;
  place = -1;
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
  #controller: Controller | null = null;
  #cancelled: Error | null = null;
  /** The body that undici was given. It ends with the attempt, or its reader would hold back that of the next one. */
  #upload: Readable | null = null;
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

  /** The request as undici's dispatch takes it; opens the body, so it is asked for once. */
  get options(): DispatchOptions {
    const { method, path, fields, body, upgrade } = this.request;
    const opened = body === null ? null : body.open();
    if (isSource(opened)) this.#upload = readableFrom(opened);
    const sized = this.#upload !== null && body !== null && body.length !== null;
    return {
      method,
      path,
      headers: sized ? [...fields, "content-length", String(body.length)] : fields,
      body: isSource(opened) ? this.#upload : opened,
      upgrade,
      // Otherwise undici closes the connection after HEAD, and after GET or DELETE with a body.
      ...(upgrade === null ? { reset: false } : {}),
    };
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#cancelled !== null) {
      controller.abort(this.#cancelled);
      return;
    }
    this.#phase = "sent";
    this.#record.sentAt = this.#clock.tick();
  }

  onResponseStarted(): void {
    if (this.#phase === "sent") this.#phase = "begun";
  }

  onResponseStart(controller: Controller, status: number): void {
    const fields = responseFields(controller.rawHeaders as readonly Buffer[]);
    if (status < 200) {
      this.request.interim?.informational(status, fields);
      return;
    }
    this.#head(status, fields);
  }

  onRequestUpgrade(controller: Controller, status: number, _headers: unknown, socket: Duplex): void {
    this.tunnel = socket;
    this.#complete = true;
    this.#head(status, responseFields(controller.rawHeaders as readonly Buffer[]));
    socket.once("close", () => this.#settle(null));
  }

  #head(status: number, fields: FieldList): void {
    this.#phase = "head";
    this.#record.headAt = this.#clock.tick();
    this.#record.status = status;
    this.status = status;
    this.fields = fields;
    this.#events.resolve(this);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#sink !== null) {
      if (!this.#sink.data(chunk)) controller.pause();
      return;
    }
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes >= this.#responseBuffer && this.#whenOver === null) controller.pause();
  }

  onResponseEnd(controller: Controller): void {
    const raw = controller.rawTrailers as readonly Buffer[] | undefined;
    if (raw !== undefined && raw.length > 0) this.#trailers = responseFields(raw);
    this.#complete = true;
    this.#settle(null);
    this.#sink?.end(this.#trailers);
  }

  onResponseError(_controller: Controller | null, cause: Error): void {
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
    else if (told !== null) this.#controller?.resume();
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
      if (flowing) this.#controller?.resume();
      else this.#controller?.pause();
    }
  }

  resume(): void {
    if (this.#phase !== "over") this.#controller?.resume();
  }

  cancel(reason: Error): void {
    if (this.#cancelled !== null) return;
    this.#cancelled = reason;
    this.#sink = null;
    this.#held = [];
    if (this.#phase === "over") return;
    if (this.tunnel !== null) this.tunnel.destroy();
    else if (this.#controller !== null) this.#controller.abort(reason);
    // Still waiting for a connection: undici cannot be told, so the promise ends here and the start will be refused.
    else this.onResponseError(null, reason);
  }

  #settle(error: Error | null): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    this.request.cancellation.off(this.#onCancel);
    this.#upload?.destroy();
    this.#whenOver?.(error);
    this.#events.settled(error);
  }
}

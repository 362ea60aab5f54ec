import type { Duplex } from "node:stream";
import { type FieldList, type ResponseEvents, type ResponseFault, ResponseParser } from "@headgate/http";
import { ClientError, ended, silentFor } from "./client-error.ts";
import type { ClientControl, ClientExchange } from "./client-exchange.ts";
import type { Connector } from "./connect.ts";
import type { ConnectionOwner } from "./connection-owner.ts";
import { requestHead } from "./request-head.ts";
import { sendRequest } from "./send-request.ts";
import type { Upload, UploadEvents } from "./upload.ts";

type State = "connecting" | "idle" | "head" | "body" | "over";

/** One connection to a backend, for one exchange at a time. */
export class Connection implements ClientControl, ResponseEvents, UploadEvents {
  readonly #owner: ConnectionOwner;
  readonly #socket: Duplex;
  readonly #parser = new ResponseParser(this);
  #state: State = "connecting";
  /** What it connects for, or carries. */
  #exchange: ClientExchange | null;
  #upload: Upload | null = null;
  /** Whether it has carried an exchange before. */
  #kept = false;
  #begun = false;
  #paused = false;
  /** Beats since anything happened. */
  #silence = 0;
  #idlePatience: number;
  /** An upgrade that was granted. */
  #granted: FieldList | null = null;
  /** Whether bytes that were read stay as they are. */
  #lasting = true;
  /** Whether nothing holds what was read. */
  #spent = false;
  readonly #onBytes = (bytes: Buffer, lasting = true): boolean => this.#read(bytes, lasting);

  /** @throws what the connector throws */
  constructor(owner: ConnectionOwner, connector: Connector, exchange: ClientExchange) {
    // A socket that is read past its stream cannot be handed over.
    const handsOver = exchange.request.upgrade !== null;
    const socket = connector.open(handsOver ? null : this.#onBytes);
    this.#owner = owner;
    this.#socket = socket;
    this.#exchange = exchange;
    this.#idlePatience = owner.patience.idle(-1);
    socket.once(connector.ready, () => this.#connected());
    if (handsOver) socket.on("data", this.#onBytes);
    socket.on("end", () => this.#ended());
    socket.on("error", (error: Error) => this.#broke(error));
    socket.on("close", () => this.#closed());
    socket.on("drain", () => this.#upload?.drained());
    exchange.onWaiting(this);
  }

  get idle(): boolean {
    return this.#state === "idle";
  }

  /** Takes an idle connection into use. False where the request could not be sent by any: the connection stays idle. */
  start(exchange: ClientExchange): boolean {
    const { request } = exchange;
    let head: string;
    try {
      head = requestHead(request, this.#owner.host, request.body === null ? 0 : request.body.length);
    } catch (error) {
      exchange.onError(error as Error);
      return false;
    }
    this.#exchange = exchange;
    this.#state = "head";
    this.#silence = 0;
    this.#begun = false;
    this.#parser.expect(request.method, request.upgrade !== null);
    exchange.onSent(this);
    try {
      if (this.#exchange !== exchange) return true;
      this.#upload = sendRequest(this.#socket, head, request.body, this);
      this.#upload?.start(head);
    } catch (error) {
      this.#bug(error as Error);
    }
    return true;
  }

  /** One beat of the owner's clock. */
  beat(): void {
    const state = this.#state;
    this.#silence += 1;
    if (state === "idle" && this.#silence >= this.#idlePatience) this.destroy();
    if (state === "idle" || state === "over") return;
    // While more of the upload is awaited it is the client who is silent, unless the backend takes no more of it.
    const uploading = state === "head" && this.#upload?.blocked === false;
    if (this.#paused || uploading) this.#silence = 0;
    else if (this.#silence > this.#owner.patience[state]) this.abort(silentFor(state));
  }

  abort(reason: Error): void {
    if (this.#state === "over") return;
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#upload?.stop(reason);
    this.#discard();
    exchange?.onError(reason);
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#silence = 0;
    this.#socket.resume();
  }

  /** Closes it, with whatever it carries. */
  destroy(): void {
    this.abort(new ClientError("UPSTREAM_DESTROYED", "the connection was given up"));
  }

  informational(status: number, fields: FieldList): void {
    this.#exchange?.onInterim(status, fields);
  }

  head(status: number, fields: FieldList, section: string): void {
    if (this.#exchange === null) return;
    this.#state = "body";
    this.#exchange.onHead(status, fields, section);
  }

  data(chunk: Buffer): void {
    const spent = this.#exchange?.onData(this.#lasting ? chunk : Buffer.from(chunk));
    if (spent === false) this.#spent = false;
  }

  end(trailers: FieldList | null): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    this.#exchange = null;
    const unfinished = this.#upload !== null;
    if (unfinished) this.#upload?.stop(new Error("the backend takes no more of the body"));
    this.#idlePatience = this.#owner.patience.idle(this.#parser.keepAlive);
    const sent = !unfinished && this.#socket.writableLength === 0;
    if (sent && this.#parser.reusable && exchange.request.upgrade === null && this.#idlePatience > 0) {
      this.#kept = true;
      this.#becomeIdle();
      this.#owner.freed(this);
    } else this.#discard();
    exchange.onEnd(trailers);
  }

  upgrade(_status: number, fields: FieldList): void {
    // `#read` hands the connection over, with the bytes behind the head.
    this.#granted = fields;
  }

  malformed(fault: ResponseFault): void {
    this.abort(fault);
  }

  uploaded(): void {
    this.#upload = null;
    this.#silence = 0;
  }

  uploadFailed(error: Error): void {
    this.abort(error);
  }

  #connected(): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    this.#exchange = null;
    this.#becomeIdle();
    if (exchange.over || !this.start(exchange)) this.#owner.freed(this);
  }

  #read(bytes: Buffer, lasting: boolean): boolean {
    this.#silence = 0;
    this.#lasting = lasting;
    this.#spent = true;
    try {
      this.#parse(bytes);
    } catch (error) {
      this.#spent = false;
      this.#bug(error as Error);
    }
    return this.#spent;
  }

  #parse(bytes: Buffer): void {
    if (!this.#begun) {
      this.#begun = true;
      this.#exchange?.onBegun();
    }
    const read = this.#parser.execute(bytes);
    if (this.#granted !== null) this.#handOver(bytes.subarray(read));
    // Whatever nobody asked for is never taken for an answer.
    else if (read < bytes.length) this.destroy();
  }

  #handOver(behind: Buffer): void {
    const exchange = this.#exchange;
    const granted = this.#granted;
    if (exchange === null || granted === null) return;
    const socket = this.#socket;
    this.#exchange = null;
    this.#state = "over";
    socket.pause();
    socket.off("data", this.#onBytes);
    if (behind.length > 0) socket.unshift(behind);
    this.#owner.gone(this);
    exchange.onUpgrade(101, granted, socket);
  }

  #becomeIdle(): void {
    this.#state = "idle";
    this.#silence = 0;
    this.resume();
  }

  #ended(): void {
    if (this.#state === "idle" || !this.#parser.finish()) this.#broke(ended());
  }

  #closed(): void {
    this.#broke(ended());
    this.#owner.gone(this);
  }

  #broke(error: Error): void {
    if (this.#state === "head" && this.#kept && !this.#begun) this.#owner.stale();
    this.abort(error);
  }

  /** A bug in what hears of the exchange ends this exchange, not the process. */
  #bug(error: Error): void {
    const told = this.#exchange !== null;
    this.abort(error);
    // Unhandled, so it is reported as bugs are.
    if (!told) void Promise.reject(error);
  }

  #discard(): void {
    this.#state = "over";
    this.#socket.destroy();
  }
}

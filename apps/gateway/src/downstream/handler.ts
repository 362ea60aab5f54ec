import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { FieldList } from "@headgate/http";
import type { Clock } from "../clock.ts";
import type { Ring } from "../compose.ts";
import { Exchange, newRecord } from "../exchange.ts";
import { ClientGone } from "../gateway-error.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import type { Generation } from "../generation.ts";
import type { BugReporter } from "../observability/bug-reporter.ts";
import { type Expectation, readBody, readHead, type ServerRequest } from "./read-request.ts";
import type { Tunnels } from "./tunnel.ts";
import {
  ResponseWriter,
  type ServerReply,
  type WriteEvents,
  type WriteOutcome,
  writeInformational,
} from "./write-response.ts";

export interface HandlerParts {
  readonly ring: Ring;
  /** The generation that new exchanges get. */
  readonly generation: () => Generation;
  readonly clock: Clock;
  /** Whether connections are to end after their response. */
  readonly closing: () => boolean;
  readonly tunnels: Tunnels;
  readonly reporter: BugReporter;
}

type Scheme = "http" | "https";

/** HTTP/1 connections whose last response is on its way: what comes behind is no request any more (RFC 9112 §9.6). */
const ending = new WeakSet<Duplex>();

/** Ties a request of node's servers to an exchange, runs it through the layers, and has the response written. */
export class Handler {
  readonly #parts: HandlerParts;

  constructor(parts: HandlerParts) {
    this.#parts = parts;
  }

  request(request: ServerRequest, reply: ServerReply, scheme: Scheme, expectation: Expectation): void {
    if (reply instanceof ServerResponse && ending.has(request.socket)) return;
    const serving = new Serving(this.#parts, request, reply, scheme, null, expectation);
    try {
      const answer = this.#parts.ring.run(serving.exchange);
      if (answer instanceof Promise) this.#deliver(serving, answer);
      else serving.send(answer);
    } catch (error) {
      this.#broken(serving, error);
    }
  }

  #deliver(serving: Serving, answer: Promise<GatewayResponse>): void {
    answer.then((response) => serving.send(response)).catch((error: unknown) => this.#broken(serving, error));
  }

  /** No layer could answer, or the answer could not be written: a bug of ours, which costs this one connection. */
  #broken(serving: Serving, error: unknown): void {
    this.#parts.reporter.bug(error, { id: serving.exchange.record.id, where: "writing a response" });
    serving.breakOff(error instanceof Error ? error : new Error(String(error)));
  }

  /** `head`: bytes that the client sent ahead, behind its request. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, scheme: Scheme): void {
    // Node has taken its own listener off: a connection that breaks now would end the process.
    socket.on("error", () => undefined);
    if (ending.has(socket)) return;
    // A reply of our own over the bare socket: refusals are written as any other response.
    const reply = new ServerResponse(request);
    reply.shouldKeepAlive = false;
    reply.assignSocket(socket as Socket);
    // A client that never closes its side must not keep the connection, nor the exchange its place.
    reply.on("finish", () => socket.end(() => socket.destroy()));
    const serving = new Serving(this.#parts, request, reply, scheme, "websocket", "none");
    Promise.resolve(serving.exchange)
      .then((exchange) => this.#parts.ring.run(exchange))
      .then((response) => {
        const { tunnel } = response;
        if (tunnel === undefined) serving.send(response);
        else if (serving.handOver()) this.#parts.tunnels.open(socket, head, response, tunnel, serving.tunnelIdle);
        else tunnel.destroy();
      })
      .catch((error: unknown) => this.#broken(serving, error));
  }
}

/** Told to a body of which the rest is not wanted; made once, since an error takes its stack with it. */
const ANSWERED = new Error("the request was answered without it");

/** One exchange between its reply and the layers. */
class Serving implements WriteEvents {
  readonly exchange: Exchange;
  readonly #parts: HandlerParts;
  readonly #reply: ServerReply;
  readonly #writer: ResponseWriter;

  constructor(
    parts: HandlerParts,
    request: ServerRequest,
    reply: ServerReply,
    scheme: Scheme,
    upgrade: string | null,
    expectation: Expectation,
  ) {
    const generation = parts.generation();
    const head = readHead(request, scheme, expectation);
    const { limits, timeouts } = generation.config;
    const invite = expectation === "continue" ? () => reply.writeContinue() : null;
    const body =
      upgrade === null ? readBody(request, head.framing, { size: limits.body, idle: timeouts.body }, invite) : null;
    this.#parts = parts;
    this.#reply = reply;
    this.exchange = new Exchange(head, body, upgrade, generation, newRecord(head, parts.clock), this);
    this.#writer = new ResponseWriter(reply, timeouts.body, this);
  }

  send(response: GatewayResponse): void {
    const { head, body } = this.exchange;
    const close = this.#parts.closing() || head.framing.kind === "refuse" || body?.failed === true;
    if (close && this.#reply instanceof ServerResponse) ending.add(this.#reply.req.socket);
    this.#writer.send(response, head.method === "HEAD", close);
  }

  /** ms. */
  get tunnelIdle(): number {
    return this.exchange.generation.config.timeouts.tunnel;
  }

  handOver(): boolean {
    return this.#writer.handOver();
  }

  breakOff(error: Error): void {
    this.#writer.fail(error);
  }

  informational(status: number, fields: FieldList): void {
    if (this.exchange.head.version !== "1.0") writeInformational(this.#reply, status, fields);
  }

  bytes(count: number): void {
    this.exchange.record.sentBytes += count;
  }

  over(outcome: WriteOutcome): void {
    const { body, cancellation, record } = this.exchange;
    record.outcome = outcome;
    if (outcome !== "complete") cancellation.cancel(new ClientGone());
    // Nobody was left to answer: 499 is what nginx writes to its log then.
    if (record.status === 0) record.status = 499;
    // What nobody has read of it would keep the next request of the connection from being seen.
    body?.cancel(cancellation.reason ?? ANSWERED);
    this.#parts.ring.finish(this.exchange);
  }
}

import type { Duplex } from "node:stream";
import type { FieldList } from "@headgate/http";
import type { Clock } from "../clock.ts";
import type { Ring } from "../compose.ts";
import { Exchange, newRecord } from "../exchange.ts";
import { ClientGone } from "../gateway-error.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import type { Generation } from "../generation.ts";
import type { BugReporter } from "../observability/bug-reporter.ts";
import { type ReceivedRequest, type RequestHandler, readBody } from "./read-request.ts";
import type { Reply } from "./reply.ts";
import type { Tunnels } from "./tunnel.ts";
import { ResponseWriter, type WriteEvents, type WriteOutcome } from "./write-response.ts";

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

/** Ties a request to an exchange, runs it through the layers, and has the response written. */
export class Handler implements RequestHandler {
  readonly #parts: HandlerParts;

  constructor(parts: HandlerParts) {
    this.#parts = parts;
  }

  request(received: ReceivedRequest, reply: Reply): void {
    const serving = new Serving(this.#parts, received, reply);
    try {
      const answer = this.#parts.ring.run(serving.exchange);
      if (answer instanceof Promise) void this.#deliver(serving, answer);
      else serving.send(answer);
    } catch (error) {
      this.#broken(serving, error);
    }
  }

  async #deliver(serving: Serving, answer: Promise<GatewayResponse>): Promise<void> {
    try {
      serving.send(await answer);
    } catch (error) {
      this.#broken(serving, error);
    }
  }

  /** No layer could answer, or the answer could not be written: a bug of ours, which costs this one connection. */
  #broken(serving: Serving, error: unknown): void {
    this.#parts.reporter.bug(error, { id: serving.exchange.record.id, where: "writing a response" });
    serving.breakOff(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Told to a body of which the rest is not wanted; made once, since an error takes its stack with it. */
const ANSWERED = new Error("the request was answered without it");

/** One exchange between its reply and the layers. */
class Serving implements WriteEvents {
  readonly exchange: Exchange;
  readonly #parts: HandlerParts;
  readonly #reply: Reply;
  readonly #writer: ResponseWriter;

  constructor(parts: HandlerParts, received: ReceivedRequest, reply: Reply) {
    const generation = parts.generation();
    const { head, upgrade } = received;
    const { limits, timeouts } = generation.config;
    const body = readBody(received, { size: limits.body, idle: timeouts.body }, reply);
    this.#parts = parts;
    this.#reply = reply;
    this.exchange = new Exchange(head, body, upgrade, generation, newRecord(head, parts.clock), this);
    this.#writer = new ResponseWriter(reply, timeouts.body, this);
  }

  send(response: GatewayResponse): void {
    if (response.tunnel !== undefined) {
      this.#join(response, response.tunnel);
      return;
    }
    const { head, body, upgrade } = this.exchange;
    // What stands behind a refused upgrade may be the other protocol already.
    const close = this.#parts.closing() || head.framing.kind === "refuse" || body?.failed === true || upgrade !== null;
    this.#writer.send(response, head.method === "HEAD", close);
  }

  #join(response: GatewayResponse, tunnel: Duplex): void {
    const taken = this.#writer.takeOver();
    if (taken === null) tunnel.destroy();
    else
      this.#parts.tunnels.open(
        taken.socket,
        taken.head,
        response,
        tunnel,
        this.exchange.generation.config.timeouts.tunnel,
      );
  }

  breakOff(error: Error): void {
    this.#writer.fail(error);
  }

  informational(status: number, fields: FieldList): void {
    this.#reply.informational(status, fields);
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

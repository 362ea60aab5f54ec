import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "../clock.ts";
import type { Ring } from "../compose.ts";
import { Exchange, newRecord } from "../exchange.ts";
import { ClientGone } from "../gateway-error.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import type { Generation } from "../generation.ts";
import { readBody, readHead, type ServerRequest } from "./read-request.ts";
import type { Tunnels } from "./tunnel.ts";
import { ResponseWriter, type ServerReply, writeInformational } from "./write-response.ts";

export interface HandlerParts {
  readonly ring: Ring;
  /** The generation that new exchanges get. */
  readonly generation: () => Generation;
  readonly clock: Clock;
  /** Whether connections are to end after their response. */
  readonly closing: () => boolean;
  readonly tunnels: Tunnels;
}

/** What listeners call for each request. */
export interface Handler {
  request(request: ServerRequest, reply: ServerReply, scheme: "http" | "https", expectsContinue: boolean): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, scheme: "http" | "https"): void;
}

/** Ties a request of node's servers to an exchange, runs it through the layers, and writes the response. */
export function createHandler(parts: HandlerParts): Handler {
  function serve(
    request: ServerRequest,
    reply: ServerReply,
    scheme: "http" | "https",
    upgrade: string | null,
    invite: (() => void) | null,
  ) {
    const generation = parts.generation();
    const head = readHead(request, scheme);
    const { limits, timeouts } = generation.config;
    const body =
      upgrade === null ? readBody(request, head.framing, { size: limits.body, idle: timeouts.body }, invite) : null;
    const interim =
      head.version === "1.0" ? null : (status: number, fields: string[]) => writeInformational(reply, status, fields);
    const exchange = new Exchange(head, body, upgrade, generation, newRecord(head, parts.clock), interim);
    const { record } = exchange;
    const writer = new ResponseWriter(reply, timeouts.body, {
      head: () => undefined,
      bytes: (count) => {
        record.sentBytes += count;
      },
      over: (outcome) => {
        record.outcome = outcome;
        if (outcome !== "complete") exchange.cancellation.cancel(new ClientGone());
        parts.ring.finish(exchange);
      },
    });
    return { exchange, writer, answer: parts.ring.run(exchange) };
  }

  function mustClose(exchange: Exchange, response: GatewayResponse): boolean {
    return parts.closing() || exchange.head.framing.kind === "refuse" || response.status === 408;
  }

  return {
    request(request, reply, scheme, expectsContinue) {
      const invite = expectsContinue ? () => reply.writeContinue() : null;
      const { exchange, writer, answer } = serve(request, reply, scheme, null, invite);
      const headOnly = exchange.head.method === "HEAD";
      if (answer instanceof Promise)
        void answer.then((response) => writer.send(response, headOnly, mustClose(exchange, response)));
      else writer.send(answer, headOnly, mustClose(exchange, answer));
    },
    upgrade(request, socket, head, scheme) {
      // A reply of our own over the bare socket: refusals are written as any other response.
      const reply = new ServerResponse(request);
      reply.shouldKeepAlive = false;
      reply.assignSocket(socket as Socket);
      reply.on("finish", () => socket.end());
      const { writer, answer } = serve(request, reply, scheme, "websocket", null);
      void Promise.resolve(answer).then((response) => {
        const { tunnel } = response;
        if (tunnel === undefined) writer.send(response, false, true);
        else if (writer.handOver()) parts.tunnels.open(socket, head, response, tunnel);
        else tunnel.destroy();
      });
    },
  };
}

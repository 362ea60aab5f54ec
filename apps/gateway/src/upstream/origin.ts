import { hasField } from "@headgate/http";
import type { Cancellation } from "../cancellation.ts";
import type { Exchange, InterimSink } from "../exchange.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import { PSEUDONYM } from "../pseudonym.ts";
import { WholeBody } from "./outgoing-body.ts";
import { repeatedFields, requestFields } from "./request-fields.ts";
import type { UpstreamRequest, UpstreamResponse } from "./upstream-request.ts";

/**
 * The request that an exchange makes of its pool. Set by layers further out: route, pool, path, id.
 * @param interim where interim responses go, if not to the exchange's client
 */
export function upstreamRequest(
  exchange: Exchange,
  cancellation: Cancellation,
  interim: InterimSink = exchange.interim,
): UpstreamRequest {
  const { head, route, pool, generation } = exchange;
  if (route === null || pool === null) throw new Error("an exchange without a pool has come to its origin");
  const repeated = repeatedFields(exchange, PSEUDONYM);
  return {
    method: head.method,
    path: exchange.path,
    fields: requestFields(exchange, repeated),
    repeated,
    client: exchange.client,
    session: exchange.session,
    idempotencyKey: route.idempotencyKey && hasField(head.fields, "idempotency-key"),
    incoming: exchange.content === null ? exchange.upload : null,
    body: exchange.content === null ? null : new WholeBody(exchange.content),
    retry: null,
    pool,
    mirror: exchange.upgrade === null ? route.mirror : null,
    limits: generation.config.limits,
    cancellation,
    hedge: false,
    upgrade: exchange.upgrade,
    attempts: exchange.record.attempts,
    interim,
  };
}

/** A backend's answer as the gateway's response. */
export function gatewayResponse(response: UpstreamResponse): GatewayResponse {
  const { status, fields, received: repeated, backend, tunnel } = response;
  const body = response.takeBody();
  if (tunnel !== null) return { status, fields, body, source: "upstream", backend, tunnel };
  return { status, fields, body, source: "upstream", backend, repeated };
}

import { clientAddress, Fact, type FieldList, viaCount } from "@headgate/http";
import type { Exchange } from "../exchange.ts";
import { GatewayError } from "../gateway-error.ts";
import type { Layer } from "../layer.ts";
import { PSEUDONYM } from "../pseudonym.ts";

/** Passages of one request through gateways of this name before it counts as a loop. */
const MAX_PASSAGES = 8;

const PASSAGES: Fact<number> = new Fact((fields) => viaCount(fields, PSEUDONYM));

/** The exchanges in flight. */
export interface Admission {
  inFlight: number;
}

/** Lets in what is well-formed, within bounds and while there is room; anything else is refused before it costs a thing. */
export function admit(admission: Admission): Layer {
  return {
    name: "admit",
    enter(exchange) {
      checkFraming(exchange);
      takeTarget(exchange);
      checkLoop(exchange);
      checkSize(exchange);
      takePlace(exchange, admission);
      return undefined;
    },
    finish(exchange) {
      if (exchange.counted) admission.inFlight--;
    },
  };
}

function checkFraming({ head, generation }: Exchange): void {
  const { framing } = head;
  if (framing.kind === "refuse") throw new GatewayError(framing.code, framing.detail);
  if (head.version === "2.0" && headSize(head.fields) > generation.config.limits.head)
    throw headTooLarge(generation.config.limits.head);
}

/** HTTP/1's parser counts for itself. */
function headSize(fields: readonly string[]): number {
  let size = 0;
  for (const text of fields) size += text.length + 2;
  return size;
}

function headTooLarge(limit: number): GatewayError {
  return new GatewayError("fields-too-large", `The request head has more than ${limit} bytes, which is the limit.`);
}

/** A 405 says what would be taken (RFC 9110 §15.5.6). */
const ALLOWED: Readonly<Record<string, FieldList>> = {
  "method-not-allowed": ["Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"],
};

function takeTarget(exchange: Exchange): void {
  const { targetPlan: plan, fields, peer, method } = exchange.head;
  const { record, generation } = exchange;
  if (plan.kind === "refuse") throw new GatewayError(plan.code, plan.detail, { fields: ALLOWED[plan.code] ?? [] });
  if (plan.kind === "asterisk") throw new GatewayError("no-route", `${method} * is not passed on to backends.`);
  exchange.path = plan.path;
  exchange.pathname = plan.normalizedPathname;
  exchange.host = plan.host;
  record.host = plan.host;
  record.path = plan.pathname;
  if (exchange.trusted) exchange.client = clientAddress(peer, fields, generation.isTrusted);
  record.client = exchange.client;
}

function checkLoop({ head }: Exchange): void {
  if (head.section.of(PASSAGES) < MAX_PASSAGES) return;
  throw new GatewayError(
    "proxy-loop",
    "The request has come through this gateway many times: a pool leads back to it.",
  );
}

function checkSize({ head, generation }: Exchange): void {
  const { framing } = head;
  const limit = generation.config.limits.body;
  if (framing.kind !== "length" || framing.length <= limit) return;
  throw new GatewayError("content-too-large", `The content has ${framing.length} bytes; at most ${limit} are taken.`);
}

function takePlace(exchange: Exchange, admission: Admission): void {
  const limit = exchange.generation.config.limits.exchanges;
  if (admission.inFlight >= limit) {
    throw new GatewayError("overload", `The gateway has ${limit} requests in flight, which is its limit.`, {
      fields: ["Retry-After", "1"],
    });
  }
  admission.inFlight++;
  exchange.counted = true;
}

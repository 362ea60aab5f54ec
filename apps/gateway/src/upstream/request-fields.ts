import {
  appendForwarded,
  endToEnd,
  Fact,
  type FieldList,
  FieldNames,
  getField,
  parseTraceparent,
  removeField,
  replaceForwarded,
  viaValue,
} from "@headgate/http";
import type { Exchange } from "../exchange.ts";

/** Fields that the gateway sets itself: framing and expectations are each hop's own, ids and Via are made anew. */
export const OWN_FIELDS: FieldNames = new FieldNames([
  ...["host", "content-length", "expect"],
  ...["x-request-id", "traceparent", "via"],
]);

/**
 * What a section becomes on its way upstream, but for what differs in each request, and what it was made for. Its connection, which the
 * forwarding fields tell of, is always the same.
 */
interface Onward {
  withheld: FieldNames | null;
  host: string;
  trusted: boolean;
  fields: FieldList;
}

const ONWARD: Fact<Onward> = new Fact(() => ({ withheld: null, host: "", trusted: false, fields: [] }));

/**
 * The fields that go upstream: the client's end-to-end fields without the API key, with forwarding fields replaced for a
 * stranger and appended to for a trusted peer, and our id, trace and Via.
 */
export function requestFields(exchange: Exchange, pseudonym: string): FieldList {
  const { head, generation, host, trusted } = exchange;
  const withheld = isOurs(exchange) ? generation.withheldFields : OWN_FIELDS;
  const onward = head.section.of(ONWARD);
  if (onward.withheld !== withheld || onward.host !== host || onward.trusted !== trusted)
    Object.assign(onward, { withheld, host, trusted, fields: onwardFields(exchange, withheld) });
  const fields = onward.fields.slice();
  const { id, trace } = exchange.record;
  fields.push("X-Request-Id", id);
  if (trace !== null) fields.push("traceparent", trace.traceparent);
  fields.push("Via", viaValue(head.fields, head.version, pseudonym));
  return fields;
}

function onwardFields({ head, host, trusted }: Exchange, withheld: FieldNames): FieldList {
  const fields = endToEnd(head.fields, withheld);
  if (!continuesTrace(head.fields)) removeField(fields, "tracestate");
  if (host !== "") fields.unshift("Host", host);
  if (getField(head.fields, "te")?.includes("trailers") === true) fields.push("TE", "trailers");
  const hop = { peerAddress: head.peer, scheme: head.scheme, host, port: head.localPort };
  if (trusted) appendForwarded(fields, hop);
  else replaceForwarded(fields, hop);
  return fields;
}

/** On a route without keys `Authorization` belongs to the backend, even where keys come in it elsewhere. */
function isOurs({ route, generation }: Exchange): boolean {
  return route?.auth === "api-key" || generation.keyField !== "authorization";
}

/** Where traceparent is malformed a new trace begins, and the old one's state must not go with it (W3C Trace Context §3.3.1). */
function continuesTrace(fields: readonly string[]): boolean {
  const traceparent = getField(fields, "traceparent");
  return traceparent !== undefined && parseTraceparent(traceparent) !== undefined;
}

import {
  appendForwarded,
  endToEnd,
  Fact,
  type FieldList,
  FieldNames,
  getField,
  type HttpVersion,
  parseTraceparent,
  type RepeatedFields,
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

/** What a section becomes on its way upstream, and what it was made for. Its connection, which the forwarding fields tell of, is always the same. */
interface Onward {
  withheld: FieldNames | null;
  host: string;
  trusted: boolean;
  version: HttpVersion;
  repeated: RepeatedFields;
}

const NOTHING: RepeatedFields = { fields: [], lines: undefined, told: 0 };
const ONWARD: Fact<Onward> = new Fact(() => {
  return { withheld: null, host: "", trusted: false, version: "1.1", repeated: NOTHING };
});

/**
 * What goes upstream of a section, whichever of its requests it is: the client's end-to-end fields without the API key, with
 * forwarding fields replaced for a stranger and appended to for a trusted peer, and our Via.
 */
export function repeatedFields(exchange: Exchange, pseudonym: string): RepeatedFields {
  const { head, generation, host, trusted } = exchange;
  const { version } = head;
  const withheld = isOurs(exchange) ? generation.withheldFields : OWN_FIELDS;
  const onward = head.section.of(ONWARD);
  const { withheld: before } = onward;
  if (before !== withheld || onward.host !== host || onward.trusted !== trusted || onward.version !== version) {
    const repeated = { fields: onwardFields(exchange, withheld, pseudonym), lines: undefined, told: 0 };
    Object.assign(onward, { withheld, host, trusted, version, repeated });
  }
  return onward.repeated;
}

/** The fields that go upstream: what its section becomes, with our id and trace. */
export function requestFields({ record }: Exchange, repeated: RepeatedFields): FieldList {
  const fields = repeated.fields.slice();
  fields.push("X-Request-Id", record.id);
  if (record.trace !== null) fields.push("traceparent", record.trace.traceparent);
  return fields;
}

function onwardFields({ head, host, trusted }: Exchange, withheld: FieldNames, pseudonym: string): FieldList {
  const fields = endToEnd(head.fields, withheld);
  if (!continuesTrace(head.fields)) removeField(fields, "tracestate");
  if (host !== "") fields.unshift("Host", host);
  if (getField(head.fields, "te")?.includes("trailers") === true) fields.push("TE", "trailers");
  const hop = { peerAddress: head.peer, scheme: head.scheme, host, port: head.localPort };
  if (trusted) appendForwarded(fields, hop);
  else replaceForwarded(fields, hop);
  fields.push("Via", viaValue(head.fields, head.version, pseudonym));
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

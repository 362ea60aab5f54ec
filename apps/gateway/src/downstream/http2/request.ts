import type { Http2ServerRequest } from "node:http2";
import { type FieldList, FieldSection, type FramingPlan, planFraming, planTarget } from "@headgate/http";
import { type Expectation, framingOf, HOST, type ReceivedRequest } from "../read-request.ts";
import { Http2Content } from "./content.ts";

/** A request of HTTP/2 as one of either protocol. */
export function receive(request: Http2ServerRequest, expectation: Expectation): ReceivedRequest {
  const { method, socket } = request;
  const target = request.url ?? "";
  const fields = http2Fields(request);
  const section = new FieldSection(fields);
  // As received: an authority beside another Host is refused.
  const framing = framingOf(planFraming("2.0", method, request.rawHeaders), expectation);
  const head = {
    ...({ method, target, version: "2.0", scheme: "https", fields, section, framing } as const),
    peer: socket.remoteAddress ?? "",
    localPort: socket.localPort ?? 0,
    targetPlan: planTarget(method, target, section.of(HOST) ?? undefined),
  };
  return {
    head,
    content: hasContent(request, framing) ? new Http2Content(request) : null,
    upgrade: null,
    expectation,
  };
}

function hasContent(request: Http2ServerRequest, framing: FramingPlan): boolean {
  if (framing.kind === "length") return framing.length > 0;
  return framing.kind === "stream" && !request.stream.endAfterHeaders;
}

/** HTTP/2's fields as an HTTP/1.1 message has them: Host from `:authority`, one Cookie (RFC 9113 §8.2.3), no pseudo-fields. */
function http2Fields(request: Http2ServerRequest): FieldList {
  const raw = request.rawHeaders;
  const fields: FieldList = [];
  let cookie = "";
  const authority = request.authority;
  if (authority !== "" && request.headers.host === undefined) fields.push("host", authority);
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    if (name === "cookie") cookie = cookie === "" ? value : `${cookie}; ${value}`;
    else if (!name.startsWith(":")) fields.push(name, value);
  }
  if (cookie !== "") fields.push("cookie", cookie);
  return fields;
}

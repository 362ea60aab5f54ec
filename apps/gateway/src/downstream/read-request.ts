import type { IncomingMessage } from "node:http";
import { Http2ServerRequest } from "node:http2";
import { type FieldList, type FramingPlan, getField, type HttpVersion, planFraming, planTarget } from "@headgate/http";
import type { RequestHead } from "../exchange.ts";
import { ClientBody, type ClientBodyLimits } from "./client-body.ts";

/** A request of either protocol, as node's servers hand it over. */
export type ServerRequest = IncomingMessage | Http2ServerRequest;

/** What the request's Expect asks for; `continue`: to be told whether its content is wanted (RFC 9110 §10.1.1). */
export type Expectation = "none" | "continue" | "unknown";

/** Reads a request's head once, with the plans that `admit` will judge it by. */
export function readHead(request: ServerRequest, scheme: "http" | "https", expectation: Expectation): RequestHead {
  const h2 = request instanceof Http2ServerRequest;
  const version: HttpVersion = h2 ? "2.0" : request.httpVersionMinor === 0 ? "1.0" : "1.1";
  const fields = h2 ? http2Fields(request) : request.rawHeaders;
  const method = request.method ?? "GET";
  const target = request.url ?? "";
  const socket = request.socket;
  return {
    method,
    target,
    version,
    scheme,
    fields,
    peer: socket.remoteAddress ?? "",
    localPort: socket.localPort ?? 0,
    // As received: in HTTP/2 an authority beside another Host is refused.
    framing: planUnknown(request, h2, expectation) ?? planFraming(version, method, request.rawHeaders),
    targetPlan: planTarget(method, target, getField(fields, "host")),
  };
}

/** Refuses what is not known here, and lets all else pass. */
function planUnknown({ httpVersionMajor, httpVersionMinor }: ServerRequest, h2: boolean, expectation: Expectation) {
  if (expectation === "unknown") return UNKNOWN_EXPECTATION;
  // node's parser lets HTTP/0.9 and HTTP/2.0 pass where they are written like HTTP/1.
  return h2 || (httpVersionMajor === 1 && httpVersionMinor <= 1) ? null : UNKNOWN_VERSION;
}

const UNKNOWN_EXPECTATION: FramingPlan = {
  kind: "refuse",
  status: 417,
  code: "expectation-failed",
  detail: "The request expects what is not known here: expected 100-continue.",
};

const UNKNOWN_VERSION: FramingPlan = {
  kind: "refuse",
  status: 400,
  code: "malformed-request",
  detail: "The version of HTTP is not one that is spoken here: expected HTTP/1.1 or HTTP/1.0.",
};

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

/** The request's body, or null where its framing says that there is none. */
export function readBody(
  request: ServerRequest,
  framing: FramingPlan,
  limits: ClientBodyLimits,
  invite: (() => void) | null,
): ClientBody | null {
  switch (framing.kind) {
    case "none":
    case "refuse":
      return null;
    case "length":
      return framing.length === 0 ? null : new ClientBody(request, framing.length, limits, invite);
    case "chunked":
      return new ClientBody(request, null, limits, invite);
    case "stream":
      return request instanceof Http2ServerRequest && request.stream.endAfterHeaders
        ? null
        : new ClientBody(request, null, limits, invite);
  }
}

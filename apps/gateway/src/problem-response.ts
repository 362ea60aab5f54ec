import {
  chooseMediaType,
  type FieldList,
  getField,
  PROBLEM_JSON,
  problemBody,
  problemKind,
  problemPage,
} from "@headgate/http";
import type { GatewayError } from "./gateway-error.ts";
import type { GatewayResponse } from "./gateway-response.ts";

const OFFERED = [PROBLEM_JSON, "text/html"];

/**
 * An error as a response: problem+json (RFC 9457), or a plain page where the client, such as a browser, prefers HTML.
 * @param requestFields of the request that is answered; empty where it could not be read
 * @param instance the request's id
 */
export function problemResponse(
  error: GatewayError,
  requestFields: readonly string[],
  instance?: string,
): GatewayResponse {
  const accept = getField(requestFields, "accept");
  const html = accept?.includes("text/html") === true && chooseMediaType(accept, OFFERED) === "text/html";
  const text = html ? problemPage(error.code, error.detail, instance) : problemBody(error.code, error.detail, instance);
  const body = Buffer.from(text);
  const fields: FieldList = [
    ...["Content-Type", html ? "text/html; charset=utf-8" : PROBLEM_JSON],
    ...["Content-Length", String(body.length)],
    ...["Cache-Control", "no-store"],
    ...error.fields,
  ];
  return { status: problemKind(error.code).status, fields, body, source: "gateway", backend: null };
}

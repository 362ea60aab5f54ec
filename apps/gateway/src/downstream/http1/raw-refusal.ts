import type { GatewayError } from "../../gateway-error.ts";
import { problemResponse } from "../../problem-response.ts";
import type { ResponseHead } from "./response-head.ts";

/** A whole response for bytes that never became a request, one character per octet; the connection ends after it. */
export function rawRefusal(error: GatewayError, heads: ResponseHead): string {
  const response = problemResponse(error, []);
  const bytes = Buffer.isBuffer(response.body) ? response.body : Buffer.alloc(0);
  heads.compose(response, bytes.length, false);
  return heads.text + bytes.toString("latin1");
}

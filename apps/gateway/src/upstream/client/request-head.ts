import { beginsWith, type FieldLines, isToken, repeatedLines } from "@headgate/http";
import type { ClientRequest } from "./client-exchange.ts";
import { requestLines, unsendable } from "./field-lines.ts";

const NO_TARGET = /[^\x21-\x7e\x80-\xff]/;
/** Methods by which content is expected, so that its absence is told (RFC 9110 §8.6). */
const WITH_CONTENT: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "QUERY", "PROPFIND", "PROPPATCH"]);

/**
 * A request's head, one character per octet, up to and with the empty line.
 * @param host for a request without Host
 * @param length bytes of the body; null for one of unknown length, 0 for none
 * @throws ClientError (UPSTREAM_UNSENDABLE) where a part of it would not arrive as that part
 */
export function requestHead(request: ClientRequest, host: string, length: number | null): string {
  const { method, path, upgrade } = request;
  if (!isToken(method)) throw unsendable("the method is no token");
  if (path === "" || NO_TARGET.test(path)) throw unsendable("the target holds a space or a control character");
  const { lines, told: hosts } = linesOf(request);
  if (hosts > 1) throw unsendable("the host is named twice");
  const first = `${method} ${path} HTTP/1.1\r\n${hosts === 1 ? "" : `Host: ${host}\r\n`}`;
  const connection = upgrade === null ? "connection: keep-alive" : `connection: upgrade\r\nupgrade: ${upgrade}`;
  return `${first}${lines}${connection}\r\n${framing(method, length)}\r\n`;
}

function linesOf({ fields, repeated }: ClientRequest): FieldLines {
  if (repeated === null || !beginsWith(fields, repeated.fields)) return requestLines(fields);
  const known = repeatedLines(repeated, requestLines);
  const own = requestLines(fields, repeated.fields.length);
  return { lines: known.lines + own.lines, told: known.told + own.told };
}

function framing(method: string, length: number | null): string {
  if (length === null) return "transfer-encoding: chunked\r\n";
  return length > 0 || WITH_CONTENT.has(method) ? `content-length: ${length}\r\n` : "";
}

import { FieldNames, isToken } from "@headgate/http";
import { ClientError } from "./client-error.ts";
import type { ClientRequest } from "./client-exchange.ts";

/** Set here, by what is sent: from outside they would let two readers read two requests. */
const FRAMING: FieldNames = new FieldNames([
  ...["connection", "content-length", "expect", "keep-alive", "transfer-encoding", "upgrade"],
]);
const NO_TARGET = /[^\x21-\x7e\x80-\xff]/;
/** Beyond 0xff are characters of which only the low octet would be sent, which might be a CR or LF. */
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
/** Methods by which content is expected, so that its absence is told (RFC 9110 §8.6). */
const WITH_CONTENT: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "QUERY", "PROPFIND", "PROPPATCH"]);

/**
 * A request's head, one character per octet, up to and with the empty line.
 * @param host for a request without Host
 * @param length bytes of the body; null for one of unknown length, 0 for none
 * @throws ClientError (UPSTREAM_UNSENDABLE) where a part of it would not arrive as that part
 */
export function requestHead(request: ClientRequest, host: string, length: number | null): string {
  const { method, path, fields, upgrade } = request;
  if (!isToken(method)) throw unsendable("the method is no token");
  if (path === "" || NO_TARGET.test(path)) throw unsendable("the target holds a space or a control character");
  let named = false;
  let lines = "";
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    const value = fields[i + 1] as string;
    checkField(name, value);
    if (name.length === 4 && name.toLowerCase() === "host") {
      if (named) throw unsendable("the host is named twice");
      named = true;
    }
    lines += `${name}: ${value}\r\n`;
  }
  const first = `${method} ${path} HTTP/1.1\r\n${named ? "" : `Host: ${host}\r\n`}`;
  const connection = upgrade === null ? "connection: keep-alive" : `connection: upgrade\r\nupgrade: ${upgrade}`;
  return `${first}${lines}${connection}\r\n${framing(method, length)}\r\n`;
}

function checkField(name: string, value: string): void {
  if (!isToken(name)) throw unsendable("a field's name is no token");
  if (NO_VALUE.test(value)) throw unsendable(`the field ${name} holds a control character`);
  if (FRAMING.has(name)) throw unsendable(`the field ${name} is not the request's to set`);
}

function framing(method: string, length: number | null): string {
  if (length === null) return "transfer-encoding: chunked\r\n";
  return length > 0 || WITH_CONTENT.has(method) ? `content-length: ${length}\r\n` : "";
}

function unsendable(why: string): ClientError {
  return new ClientError("UPSTREAM_UNSENDABLE", `the request cannot be sent: ${why}`);
}

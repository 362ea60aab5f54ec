import { type FieldLines, FieldNames, isNamed, isToken } from "@headgate/http";
import { ClientError } from "./client-error.ts";

/** Set here, by what is sent: from outside they would let two readers read two requests. */
const FRAMING: FieldNames = new FieldNames([
  ...["connection", "content-length", "expect", "keep-alive", "transfer-encoding", "upgrade"],
]);
/** Beyond 0xff are characters of which only the low octet would be sent, which might be a CR or LF. */
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * The lines of a request's fields, of those that stand at `from` or after it.
 * @throws ClientError (UPSTREAM_UNSENDABLE) where a part would not arrive as that part
 */
export function requestLines(fields: readonly string[], from = 0): FieldLines {
  let lines = "";
  let hosts = 0;
  for (let i = from; i < fields.length; i += 2) {
    const name = fields[i] as string;
    const value = fields[i + 1] as string;
    checkField(name, value);
    if (isNamed(name, "host")) hosts += 1;
    lines += `${name}: ${value}\r\n`;
  }
  return { lines, told: hosts };
}

function checkField(name: string, value: string): void {
  if (!isToken(name)) throw unsendable("a field's name is no token");
  if (NO_VALUE.test(value)) throw unsendable(`the field ${name} holds a control character`);
  if (FRAMING.has(name)) throw unsendable(`the field ${name} is not the request's to set`);
}

export function unsendable(why: string): ClientError {
  return new ClientError("UPSTREAM_UNSENDABLE", `the request cannot be sent: ${why}`);
}

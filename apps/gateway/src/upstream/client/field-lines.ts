import { FieldNames, isToken } from "@headgate/http";
import { ClientError } from "./client-error.ts";

/** Set here, by what is sent: from outside they would let two readers read two requests. */
const FRAMING: FieldNames = new FieldNames([
  ...["connection", "content-length", "expect", "keep-alive", "transfer-encoding", "upgrade"],
]);
/** Beyond 0xff are characters of which only the low octet would be sent, which might be a CR or LF. */
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** Fields as they are sent. */
export interface FieldLines {
  /** One character per octet; each line with its end. */
  readonly text: string;
  /** How many of them are Host. */
  readonly hosts: number;
}

/**
 * The lines of those fields that stand at `from` or after it.
 * @throws ClientError (UPSTREAM_UNSENDABLE) where a part would not arrive as that part
 */
export function fieldLines(fields: readonly string[], from: number): FieldLines {
  let text = "";
  let hosts = 0;
  for (let i = from; i < fields.length; i += 2) {
    const name = fields[i] as string;
    const value = fields[i + 1] as string;
    checkField(name, value);
    if (name.length === 4 && name.toLowerCase() === "host") hosts += 1;
    text += `${name}: ${value}\r\n`;
  }
  return { text, hosts };
}

function checkField(name: string, value: string): void {
  if (!isToken(name)) throw unsendable("a field's name is no token");
  if (NO_VALUE.test(value)) throw unsendable(`the field ${name} holds a control character`);
  if (FRAMING.has(name)) throw unsendable(`the field ${name} is not the request's to set`);
}

export function unsendable(why: string): ClientError {
  return new ClientError("UPSTREAM_UNSENDABLE", `the request cannot be sent: ${why}`);
}

/**
 * Fields with which several requests begin. Their lines are kept from the second of them on: what comes but once is not
 * held.
 */
export class RepeatedFields {
  readonly list: readonly string[];
  #asked = false;
  #lines: FieldLines | null = null;

  constructor(list: readonly string[]) {
    this.list = list;
  }

  /** Whether a request's fields still begin with these, whatever has been done to them on the way. */
  begin(fields: readonly string[]): boolean {
    const { list } = this;
    for (let i = 0; i < list.length; i += 1) if (fields[i] !== list[i]) return false;
    return true;
  }

  /** @throws ClientError as `fieldLines` */
  lines(): FieldLines {
    if (this.#lines !== null) return this.#lines;
    const lines = fieldLines(this.list, 0);
    // V8 keeps a text that was put together as its parts until it is read: by way of bytes it is one.
    if (this.#asked) this.#lines = { ...lines, text: Buffer.from(lines.text, "latin1").toString("latin1") };
    this.#asked = true;
    return lines;
  }
}

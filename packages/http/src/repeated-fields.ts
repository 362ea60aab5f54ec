/** Fields as text, one character per octet, each line with its end. */
export interface FieldLines {
  readonly text: string;
}

/** The lines of a response's fields, with what they say of its framing. */
export interface ResponseLines extends FieldLines {
  /** Content-Length is told. */
  readonly sized: boolean;
  /** Date is told. */
  readonly dated: boolean;
}

/**
 * Fields with which several messages begin: those of a connection's requests, of the answers from a stored response, of a backend's
 * response on its way in and out.
 */
export interface RepeatedFields<L extends FieldLines> {
  /** Flat `[name, value, ...]`; never changed. */
  readonly fields: readonly string[];
  /** What they are as text; undefined before the first message, null after it: what comes but once is not held. */
  lines: L | null | undefined;
}

/** Whether a message's fields still begin with these, whatever has been done to them on the way. */
export function beginsWith(fields: readonly string[], first: readonly string[]): boolean {
  for (let i = 0; i < first.length; i += 1) if (fields[i] !== first[i]) return false;
  return true;
}

/**
 * The lines of repeated fields, kept from the second message on.
 * @param write makes lines of fields; always the same for one kind of lines. What it throws is thrown each time
 */
export function repeatedLines<L extends FieldLines>(
  repeated: RepeatedFields<L>,
  write: (fields: readonly string[]) => L,
): L {
  if (repeated.lines) return repeated.lines;
  const lines = write(repeated.fields);
  // V8 keeps a text that was put together as its parts until it is read: by way of bytes it is one.
  const kept = () => ({ ...lines, text: Buffer.from(lines.text, "latin1").toString("latin1") });
  repeated.lines = repeated.lines === null ? kept() : null;
  return lines;
}

/** Fields as text. */
export interface FieldLines {
  /** One character per octet, each line with its end. */
  readonly lines: string;
  /** What they say that decides on more of the head: of a response `SIZED` and `DATED`, of a request how many are Host. */
  readonly told: number;
}

/** Among a response's fields is Content-Length. */
export const SIZED = 1;
/** Among a response's fields is Date. */
export const DATED = 2;

/**
 * Fields with which several messages begin: those of a connection's requests, of the answers from a stored response, of a backend's
 * response on its way in and out. They hold their own lines, without an object between them: an entry of the cache would have one more
 * place in memory for each hit to read.
 */
export interface RepeatedFields {
  /** Flat `[name, value, ...]`; never changed. */
  readonly fields: readonly string[];
  /** See `FieldLines`; undefined before the first message, null after it: what comes but once is not held. */
  lines: string | null | undefined;
  /** See `FieldLines`; it counts where there are lines. */
  told: number;
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
export function repeatedLines(repeated: RepeatedFields, write: (fields: readonly string[]) => FieldLines): FieldLines {
  if (hasLines(repeated)) return repeated;
  const written = write(repeated.fields);
  const isSecond = repeated.lines === null;
  repeated.told = written.told;
  // V8 keeps a text that was put together as its parts until it is read: by way of bytes it is one.
  repeated.lines = isSecond ? Buffer.from(written.lines, "latin1").toString("latin1") : null;
  return written;
}

function hasLines(repeated: RepeatedFields): repeated is RepeatedFields & FieldLines {
  return typeof repeated.lines === "string";
}

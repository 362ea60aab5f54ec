/** W3C Trace Context: https://www.w3.org/TR/trace-context/. tracestate is passed on as it came where traceparent is valid. */
export interface TraceContext {
  /** 32 lower-case hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits, not all zero: the span that is the parent of what follows. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZERO = /^0+$/;

/** Parses traceparent; undefined where it is malformed, and then tracestate must be dropped too. Later versions are read as 00. */
export function parseTraceparent(value: string): TraceContext | undefined {
  const [, version, traceId = "", spanId = "", flags = "", more] = TRACEPARENT.exec(value) ?? [];
  if (version === undefined || version === "ff" || (version === "00" && more !== undefined)) return undefined;
  if (ZERO.test(traceId) || ZERO.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** Where its digits begin, and what is written over for each: node makes a text of it in one piece, which is half as dear as many pieces. */
const DRAFT: Buffer = Buffer.from(`00-${"0".repeat(32)}-${"0".repeat(16)}-01`);
const TRACE_AT = 3;
const SPAN_AT = 36;
const DIGITS: Buffer = Buffer.from("0123456789abcdef");
const DIGITS_OF_WORD = 8;

/** Writes random digits; all zeros is the one id that is not valid. */
function writeId(at: number, words: number, random: () => number): void {
  const end = at + words * DIGITS_OF_WORD;
  let all = 0;
  for (let i = at; i < end; ) {
    const word = (random() * 0x1_0000_0000) >>> 0;
    all |= word;
    for (let shift = 28; shift >= 0; shift -= 4, i += 1) DRAFT[i] = DIGITS[(word >>> shift) & 15] as number;
  }
  if (all === 0) DRAFT[end - 1] = DIGITS[1] as number;
}

/**
 * The traceparent of a span of our own: of the trace that the client's traceparent continues, or of a new one.
 * @param random gives numbers from 0 up to but not including 1
 */
export function continueTrace(traceparent: string | undefined, random: () => number): string {
  const parent = traceparent === undefined ? undefined : parseTraceparent(traceparent);
  if (parent === undefined) writeId(TRACE_AT, 4, random);
  else DRAFT.write(parent.traceId, TRACE_AT, "latin1");
  writeId(SPAN_AT, 2, random);
  DRAFT[DRAFT.length - 1] = DIGITS[parent?.sampled === false ? 0 : 1] as number;
  return DRAFT.toString("latin1");
}

/** The id of the trace that a traceparent of ours is part of: 32 lower-case hexadecimal digits. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(TRACE_AT, SPAN_AT - 1);
}

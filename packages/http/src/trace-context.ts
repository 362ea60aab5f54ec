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

export function formatTraceparent(context: TraceContext): string {
  return `00-${context.traceId}-${context.spanId}-${context.sampled ? "01" : "00"}`;
}

/** Two digits a byte; formatting numbers costs ten times as much, and each request has an id. */
const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function hex32(random: () => number): string {
  const word = Math.floor(random() * 0x1_0000_0000);
  return `${HEX[word >>> 24]}${HEX[(word >>> 16) & 255]}${HEX[(word >>> 8) & 255]}${HEX[word & 255]}`;
}

/** All zeros is the one id that is not valid. */
function randomId(words: number, random: () => number): string {
  let id = "";
  let zeros = true;
  for (let i = 0; i < words; i += 1) {
    const word = hex32(random);
    zeros &&= word === "00000000";
    id += word;
  }
  return zeros ? `${id.slice(0, -1)}1` : id;
}

/** Starts a trace. @param random gives numbers from 0 up to but not including 1 */
export function startTrace(random: () => number, sampled = true): TraceContext {
  return { traceId: randomId(4, random), spanId: randomId(2, random), sampled };
}

/** The context for our own span: of the trace that traceparent continues, or of a new one. */
export function continueTrace(traceparent: string | undefined, random: () => number): TraceContext {
  const parent = traceparent === undefined ? undefined : parseTraceparent(traceparent);
  return parent === undefined ? startTrace(random) : { ...parent, spanId: randomId(2, random) };
}

import type { ProblemCode } from "./problem.ts";
import type { ResponseFaultCode } from "./response-fault.ts";

/** What is wrong with bytes that should be a request, as the client is told. */
export interface RequestFault {
  readonly code: ProblemCode;
  readonly detail: string;
}

const FIELD: RequestFault = {
  code: "malformed-field",
  detail: "A field holds a character that it must not hold, or a folded line.",
};
const CHUNK: RequestFault = { code: "malformed-request", detail: "A chunk is not framed as HTTP/1.1 wants it." };

type Known =
  | "malformed-request-line"
  | "bare-line-feed"
  | "head-too-large"
  | "trailers-too-large"
  | "malformed-field-name"
  | "malformed-field-value"
  | "malformed-chunk";

const FAULTS: Readonly<Record<Known, RequestFault>> = {
  "malformed-request-line": {
    code: "malformed-request",
    detail: "The request line is not a known method, a target and HTTP/1.1 or HTTP/1.0, with one space between them.",
  },
  "bare-line-feed": { code: "malformed-request", detail: "A line ends with LF alone; expected CRLF." },
  "head-too-large": { code: "fields-too-large", detail: "The request head is larger than the limit." },
  "trailers-too-large": { code: "fields-too-large", detail: "The trailer section is larger than the limit." },
  "malformed-field-name": FIELD,
  "malformed-field-value": FIELD,
  "malformed-chunk": CHUNK,
};

/** The fault in the words of the problem table. */
export function describeRequestFault(code: Known | ResponseFaultCode): RequestFault {
  return code in FAULTS ? FAULTS[code as Known] : CHUNK;
}

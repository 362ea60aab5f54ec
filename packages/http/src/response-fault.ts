/** What is wrong with bytes that should be a response. */
export type ResponseFaultCode =
  | "malformed-status-line"
  | "bare-line-feed"
  | "malformed-field-name"
  | "malformed-field-value"
  | "head-too-large"
  | "invalid-content-length"
  | "repeated-content-length"
  | "length-with-transfer-encoding"
  | "unsupported-transfer-encoding"
  | "unexpected-continue"
  | "unexpected-upgrade"
  | "malformed-chunk"
  | "trailers-too-large";

const DETAILS: Readonly<Record<ResponseFaultCode, string>> = {
  "malformed-status-line": "the status line is not that of HTTP/1.0 or HTTP/1.1",
  "bare-line-feed": "a line ends with LF alone, not with CRLF",
  "malformed-field-name": "a field line does not begin with a token and a colon",
  "malformed-field-value": "a field value holds a control character",
  "head-too-large": "the head is larger than allowed",
  "invalid-content-length": "Content-Length is not a decimal number of bytes",
  "repeated-content-length": "Content-Length is repeated",
  "length-with-transfer-encoding": "it has both Content-Length and Transfer-Encoding",
  "unsupported-transfer-encoding": 'Transfer-Encoding has "chunked", and more',
  "unexpected-continue": "it is a 100 where no expectation was sent",
  "unexpected-upgrade": "it switches protocols where that was not asked for, or without saying to which",
  "malformed-chunk": "a chunk is not framed as HTTP/1.1 wants it",
  "trailers-too-large": "the trailer section is larger than allowed",
};

/** A response that cannot be read for sure, by RFC 9112 without its leniencies. */
export class ResponseFault extends Error {
  readonly code: ResponseFaultCode;

  constructor(code: ResponseFaultCode) {
    super(`malformed response: ${DETAILS[code]}`);
    this.name = "ResponseFault";
    this.code = code;
  }
}

import { type FieldList, type ProblemCode, type ProxyError, proxyStatus } from "@headgate/http";
import { ClientGone, GatewayError } from "../gateway-error.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import type { Layer } from "../layer.ts";
import type { BugReporter } from "../observability/bug-reporter.ts";
import { problemResponse } from "../problem-response.ts";
import { PSEUDONYM } from "../pseudonym.ts";
import { AttemptError, type FailedOutcome } from "../upstream/attempt-error.ts";

/** The one table from a failed attempt to what the client is told: problem, its explanation, and RFC 9209's error type. */
const ATTEMPT_PROBLEMS: Readonly<Record<FailedOutcome, readonly [ProblemCode, string, ProxyError]>> = {
  refused: ["upstream-refused", "did not accept the connection", "connection_refused"],
  "connect-timeout": ["upstream-connect-timeout", "did not accept the connection in time", "connection_timeout"],
  tls: ["upstream-tls", "could not be reached by TLS: its certificate or handshake failed", "tls_certificate_error"],
  reset: ["upstream-reset", "broke the connection off before its answer was whole", "connection_terminated"],
  "head-timeout": ["upstream-timeout", "did not answer in time", "http_response_timeout"],
  "per-try-timeout": ["upstream-try-timeout", "did not answer in the time of one try", "http_response_timeout"],
  "total-timeout": ["upstream-total-timeout", "did not answer before all time was over", "http_response_timeout"],
  "bad-response": ["upstream-bad-response", "answered with what is not valid HTTP", "http_protocol_error"],
  "body-timeout": [
    "upstream-body-timeout",
    "stopped sending before its response was complete",
    "connection_read_timeout",
  ],
  unreachable: ["upstream-timeout", "became unreachable before it answered", "destination_unavailable"],
  status: ["upstream-bad-response", "answered with an error", "http_request_error"],
};

/** Turns every error from further in into the response that tells it; nothing gets past here. */
export function rescue(reporter: BugReporter): Layer {
  return {
    name: "rescue",
    fail(exchange, error) {
      const { record, head } = exchange;
      if (error instanceof ClientGone || exchange.cancellation.cancelled) {
        record.problem = "client-gone";
        return unanswered();
      }
      const told = explain(error);
      if (told.code === "internal") reporter.bug(error, { id: record.id, where: "layer" });
      record.problem = told.code;
      return problemResponse(told, head.fields, record.id);
    },
  };
}

/** Nobody reads it: 499 is what nginx writes to its log then. */
function unanswered(): GatewayResponse {
  return { status: 499, fields: [], body: null, source: "gateway", backend: null };
}

function explain(error: unknown): GatewayError {
  if (error instanceof GatewayError) return withCause(error);
  if (!(error instanceof AttemptError)) {
    return new GatewayError("internal", "The gateway met an error of its own; its log has it under this request's id.");
  }
  const [code, what, type] = ATTEMPT_PROBLEMS[error.outcome];
  const status = proxyStatus(PSEUDONYM, { error: type, nextHop: error.backend });
  const fields: FieldList = ["Proxy-Status", status];
  return new GatewayError(code, `The backend ${error.backend} ${what}.`, { fields, cause: error });
}

/** What lies behind a refusal is told with it: which backend could not be reached, and how. */
function withCause(error: GatewayError): GatewayError {
  const { code, detail, fields, cause } = error;
  if (!(cause instanceof AttemptError)) return error;
  const told = explain(cause);
  return new GatewayError(code, `${detail} ${told.detail}`, { fields: [...fields, ...told.fields], cause });
}

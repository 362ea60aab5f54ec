import type { AttemptFailure, FailureKind } from "@headgate/balancer";
import { getField, PROBLEM_CODES } from "@headgate/http";
import { ClientGone, GatewayError } from "../../src/gateway-error.ts";
import type { GatewayResponse } from "../../src/gateway-response.ts";
import { rescue } from "../../src/layers/rescue.ts";
import { AttemptError, type AttemptErrorDetails, type FailedOutcome } from "../../src/upstream/attempt-error.ts";
import { aRoutedExchange } from "./support/exchanges.ts";

function rescuing(error: unknown, prepare: (exchange: ReturnType<typeof aRoutedExchange>) => void = () => undefined) {
  const bugs: unknown[] = [];
  const exchange = aRoutedExchange();
  prepare(exchange);
  const layer = rescue({ bug: (bug, context) => bugs.push(bug, context) });
  const response = layer.fail?.(exchange, error) as GatewayResponse;
  return { response, bugs, record: exchange.record };
}

function failed(outcome: FailedOutcome): AttemptError {
  const details: AttemptErrorDetails =
    outcome === "per-try-timeout" ? { limit: "per-try" } : outcome === "total-timeout" ? { limit: "total" } : {};
  const kind = details.limit === undefined ? (outcome as FailureKind) : "head-timeout";
  const failure: AttemptFailure = { phase: "head", kind, bytesSent: true };
  return new AttemptError("127.0.0.1:8001", failure, new Error("secret words of the engine"), details);
}

const body = ({ body: bytes }: GatewayResponse): Record<string, unknown> => JSON.parse(String(bytes));

// A row for every kind: the type has the compiler ask for one where a kind is added.
const ROWS: Readonly<Record<FailedOutcome, readonly [status: number, code: string, error: string]>> = {
  refused: [502, "upstream-refused", "connection_refused"],
  "connect-timeout": [504, "upstream-connect-timeout", "connection_timeout"],
  tls: [502, "upstream-tls", "tls_certificate_error"],
  reset: [502, "upstream-reset", "connection_terminated"],
  "head-timeout": [504, "upstream-timeout", "http_response_timeout"],
  "per-try-timeout": [504, "upstream-try-timeout", "http_response_timeout"],
  "total-timeout": [504, "upstream-total-timeout", "http_response_timeout"],
  "bad-response": [502, "upstream-bad-response", "http_protocol_error"],
  "body-timeout": [504, "upstream-body-timeout", "connection_read_timeout"],
  unreachable: [504, "upstream-timeout", "destination_unavailable"],
  status: [502, "upstream-bad-response", "http_request_error"],
};

test.each(Object.entries(ROWS))("an attempt that ended by %s is told so", (kind, [status, code, error]) => {
  const { response, bugs, record } = rescuing(failed(kind as FailedOutcome));
  expect([response.status, record.problem, bugs]).toEqual([status, code, []]);
  expect(body(response)).toMatchObject({ status, code, instance: "id-1" });
  expect(getField(response.fields, "proxy-status")).toBe(`headgate; error=${error}; next-hop="127.0.0.1:8001"`);
});

test("what the engine said stays in the gateway", () => {
  const { response } = rescuing(failed("reset"));
  expect(String(response.body)).not.toContain("secret words");
  expect(String(response.body)).toContain("127.0.0.1:8001");
});

test.each(PROBLEM_CODES)("the gateway's own refusal %s is told as it is", (code) => {
  const error = new GatewayError(code, "What was wrong.", { fields: ["Retry-After", "1"] });
  const { response, record } = rescuing(error);
  expect([response.status, record.problem]).toEqual([error.status, code]);
  expect([response.source, response.backend]).toEqual(["gateway", null]);
  expect(body(response)).toMatchObject({ code, detail: "What was wrong." });
  expect(getField(response.fields, "retry-after")).toBe("1");
  expect(getField(response.fields, "cache-control")).toBe("no-store");
});

test("a refusal with a failed attempt behind it tells both, and keeps its own fields", () => {
  const refusal = new GatewayError("only-if-cached", "Nothing stored may stand in.", {
    fields: ["Retry-After", "1"],
    cause: failed("refused"),
  });
  const { response, record } = rescuing(refusal);
  expect([response.status, record.problem]).toEqual([504, "only-if-cached"]);
  expect(body(response).detail).toBe(
    "Nothing stored may stand in. The backend 127.0.0.1:8001 did not accept the connection.",
  );
  expect(getField(response.fields, "retry-after")).toBe("1");
  expect(getField(response.fields, "proxy-status")).toContain("connection_refused");
});

test.each<[string, unknown]>([
  ["a bug", new TypeError("x is not a function")],
  ["a thrown word", "a word"],
  ["a thrown nothing", undefined],
])("%s is reported with the request's id, and its words stay in the gateway", (_name, error) => {
  const { response, bugs, record } = rescuing(error);
  expect(bugs).toEqual([error, { id: "id-1", where: "layer" }]);
  expect([response.status, record.problem]).toEqual([500, "internal"]);
  expect(String(response.body)).not.toContain("not a function");
});

test("a client that has gone is answered by nothing, and is nobody's fault", () => {
  const gone = rescuing(new ClientGone());
  const afterwards = rescuing(failed("reset"), (exchange) => exchange.cancellation.cancel(new ClientGone()));
  const bug = rescuing(new TypeError("x"), (exchange) => exchange.cancellation.cancel(new ClientGone()));
  for (const { response, bugs, record } of [gone, afterwards, bug]) {
    expect([response.status, response.body, record.problem, bugs]).toEqual([499, null, "client-gone", []]);
  }
});

import { ClientGone, GatewayError } from "../../src/gateway-error.ts";
import { AttemptError, type AttemptProgress, classifyFailure, ownFault } from "../../src/upstream/attempt-error.ts";
import { coded } from "./support/upstream.ts";

const WAITING: AttemptProgress = { sent: false, responseBegun: false, headDone: false };
const SENT: AttemptProgress = { ...WAITING, sent: true };
const BEGUN: AttemptProgress = { ...SENT, responseBegun: true };
const HEAD: AttemptProgress = { ...BEGUN, headDone: true };

const connect = (kind: string) => ({ phase: "connect", kind, bytesSent: false });
const sent = (kind: string) => ({ phase: "sent", kind, bytesSent: true });
const head = (kind: string) => ({ phase: "head", kind, bytesSent: true });
const body = (kind: string) => ({ phase: "body", kind, bytesSent: true });

test.each<[string, string, AttemptProgress, object]>([
  ["nothing listens", "ECONNREFUSED", WAITING, connect("refused")],
  ["no such name", "ENOTFOUND", WAITING, connect("refused")],
  ["the name server is away", "EAI_AGAIN", WAITING, connect("refused")],
  ["no way to the host", "EHOSTUNREACH", WAITING, connect("refused")],
  ["no way to the network", "ENETUNREACH", WAITING, connect("refused")],
  ["closed while the connection was made", "ECONNRESET", WAITING, connect("refused")],
  ["our pool was closed first", "UPSTREAM_DESTROYED", WAITING, connect("refused")],
  ["no connection in time", "UPSTREAM_CONNECT_TIMEOUT", WAITING, connect("connect-timeout")],
  ["no connection in the system's time", "ETIMEDOUT", WAITING, connect("connect-timeout")],
  ["a certificate that is not trusted", "DEPTH_ZERO_SELF_SIGNED_CERT", WAITING, connect("tls")],
  ["a certificate for another name", "ERR_TLS_CERT_ALTNAME_INVALID", WAITING, connect("tls")],
  ["no TLS on the other side", "EPROTO", WAITING, connect("tls")],
  ["closed without a byte of response", "UPSTREAM_ENDED", SENT, sent("reset")],
  ["reset without a byte of response", "ECONNRESET", SENT, sent("reset")],
  ["a write into a closed connection", "EPIPE", SENT, sent("reset")],
  ["our pool was destroyed", "UPSTREAM_DESTROYED", SENT, sent("reset")],
  ["the network broke", "EHOSTUNREACH", SENT, sent("unreachable")],
  ["the system gave the connection up", "ETIMEDOUT", SENT, sent("unreachable")],
  ["no head in time", "UPSTREAM_HEAD_TIMEOUT", SENT, head("head-timeout")],
  ["no whole head in time", "UPSTREAM_HEAD_TIMEOUT", BEGUN, head("head-timeout")],
  ["not HTTP", "malformed-status-line", BEGUN, head("bad-response")],
  ["not HTTP, before the parser said it had begun", "malformed-status-line", SENT, head("bad-response")],
  ["ended within the head", "UPSTREAM_ENDED", BEGUN, head("bad-response")],
  ["a head that is too large", "head-too-large", BEGUN, head("bad-response")],
  ["broken off within the body", "UPSTREAM_ENDED", HEAD, body("reset")],
  ["a chunk that is none", "malformed-chunk", HEAD, body("reset")],
  ["silence within the body", "UPSTREAM_BODY_TIMEOUT", HEAD, body("body-timeout")],
])("%s (%s)", (_name, code, progress, failure) => {
  expect(classifyFailure(coded(code), progress)).toEqual(failure);
});

test("the message text decides nothing, and an error without a code is not HTTP or not TLS", () => {
  const misleading = coded("UPSTREAM_ENDED", "connect ECONNREFUSED");
  expect(classifyFailure(misleading, SENT)).toEqual(sent("reset"));
  expect(classifyFailure(new Error("ECONNRESET"), SENT)).toEqual(head("bad-response"));
  expect(classifyFailure(Object.assign(new Error("x"), { code: 7 }), WAITING)).toEqual(connect("tls"));
});

test("bytes count as sent exactly when the request was handed to a connection", () => {
  for (const code of ["ECONNREFUSED", "UPSTREAM_ENDED", "EPIPE", "X"]) {
    expect(classifyFailure(coded(code), WAITING).bytesSent).toBe(false);
    for (const progress of [SENT, BEGUN, HEAD]) expect(classifyFailure(coded(code), progress).bytesSent).toBe(true);
  }
});

test("an AttemptError tells backend, kind and cause", () => {
  const cause = coded("EPIPE", "write EPIPE");
  const error = new AttemptError("127.0.0.1:8000", classifyFailure(cause, SENT), cause);
  expect(error.message).toBe("reset at 127.0.0.1:8000 (write EPIPE)");
  expect([error.name, error.backend, error.cause]).toEqual(["AttemptError", "127.0.0.1:8000", cause]);
});

test("what the client's body did wrong is no fault of the backend", () => {
  const tooLarge = new GatewayError("content-too-large", "The content is too large.");
  const gone = new ClientGone();
  expect([ownFault(tooLarge), ownFault(gone)]).toEqual([tooLarge, gone]);
});

test("a gateway that can open no more connections is overloaded, and no backend is to blame", () => {
  for (const code of ["EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENOBUFS", "ENOMEM"]) {
    const fault = ownFault(coded(code));
    expect(fault).toMatchObject({ code: "overload", fields: ["Retry-After", "1"] });
    expect(fault?.message).toContain(code);
  }
});

test("a request that cannot be sent is a fault of the gateway's own making", () => {
  const refused = coded("UPSTREAM_UNSENDABLE");
  expect(ownFault(refused)).toBe(refused);
});

test("all else is the backend's", () => {
  for (const code of ["ECONNREFUSED", "UPSTREAM_ENDED", "EPROTO", ""]) expect(ownFault(coded(code))).toBeNull();
});

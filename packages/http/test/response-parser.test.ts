import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { ResponseFault } from "../src/index.ts";
import { aResponse, type Told, tellingOf, toldOf } from "./support/responses.ts";

const OK = "HTTP/1.1 200 OK\r\n";

function ended(told: Partial<Told>): Partial<Told> {
  return { fault: null, ended: true, ...told };
}

describe("a head", () => {
  test.each<[string, string, Partial<Told>]>([
    ["with a length", `${OK}Content-Length: 2\r\n\r\nab`, { status: 200, body: "ab", reusable: true }],
    ["with a length of none", `${OK}content-length:0\r\n\r\n`, { body: "", reusable: true }],
    ["with leading zeros", `${OK}content-length: 002\r\n\r\nab`, { body: "ab", reusable: true }],
    ["without a reason", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", { status: 200, reusable: true }],
    ["with an empty reason", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", { status: 200 }],
    ["with obs-text", `HTTP/1.1 404 \xe9\r\nX: \xff\tb\r\nContent-Length: 0\r\n\r\n`, { status: 404 }],
    ["that closes", `${OK}Connection: x, Close\r\nContent-Length: 0\r\n\r\n`, { reusable: false }],
    ["that keeps", `${OK}Connection: keep-alive\r\nContent-Length: 0\r\n\r\n`, { reusable: true }],
    ["of HTTP/1.0", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", { reusable: false }],
    ["of 204", "HTTP/1.1 204 No Content\r\n\r\n", { status: 204, body: "", reusable: true }],
    ["of 204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n", { body: "", reusable: false }],
    ["of 304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", { body: "", reusable: false }],
    ["of 304", "HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", { body: "", reusable: true }],
  ])("%s is read", (_name, bytes, told) => {
    expect(toldOf(bytes)).toMatchObject(ended(told));
  });

  test("with a coding other than chunked has a body up to the end of the connection", () => {
    const { parser, told } = tellingOf();
    parser.execute(Buffer.from(`${OK}Transfer-Encoding: gzip\r\n\r\n5\r\nhello`));
    expect([told.ended, parser.finish(), told.body, parser.reusable]).toEqual([false, true, "5\r\nhello", false]);
  });

  test("keeps order, spelling and repetition of its fields, and trims their values", () => {
    const { fields } = toldOf(`${OK}B:1\r\na:  x y\t \r\nB: \r\nContent-Length: 0\r\n\r\n`);
    expect(fields).toEqual(["B", "1", "a", "x y", "B", "", "Content-Length", "0"]);
  });

  test("may follow interim ones", () => {
    const told = toldOf(`HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 102 P\r\n\r\n${OK}Content-Length: 1\r\n\r\nx`);
    expect(told).toMatchObject({
      interim: [
        [103, ["Link", "a"]],
        [102, []],
      ],
      status: 200,
      body: "x",
      ended: true,
    });
  });

  test.each<[string, number]>([
    ["timeout=5", 5000],
    ["max=3, timeout=12", 12_000],
    ["max=3", -1],
    ["xtimeout=3", -1],
  ])("with Keep-Alive: %s tells so", (value, time) => {
    expect(toldOf(`${OK}Keep-Alive: ${value}\r\nContent-Length: 0\r\n\r\n`).keepAlive).toBe(time);
    expect(toldOf(`${OK}Content-Length: 0\r\n\r\n`).keepAlive).toBe(-1);
  });

  test("for HEAD has no body, however long it would be, and the connection serves on", () => {
    for (const framing of ["Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", ""])
      expect(toldOf(`${OK}${framing}\r\n`, { method: "HEAD" })).toMatchObject(ended({ body: "", reusable: true }));
  });
});

describe("what two readers could read in two ways is malformed:", () => {
  test.each<[string, string]>([
    ["malformed-status-line", "nonsense\r\n\r\n"],
    ["malformed-status-line", "SSH-2.0-OpenSSH_9.6\r\n"],
    ["malformed-status-line", "HTTP/2.0 200 OK\r\n\r\n"],
    ["malformed-status-line", "HTTP/1.2 200 OK\r\n\r\n"],
    ["malformed-status-line", "HTTP/1.1 OK\r\n\r\n"],
    ["malformed-status-line", "HTTP/1.1  200 OK\r\n\r\n"],
    ["malformed-status-line", "HTTP/1.1 2xx OK\r\n\r\n"],
    ["malformed-status-line", "HTTP/1.1 099 OK\r\n\r\n"],
    ["malformed-status-line", "HTTP/1.1 2000\r\n\r\n"],
    ["malformed-status-line", "HTTP/1.1 200 O\x00K\r\n\r\n"],
    ["malformed-status-line", `\r\n${OK}\r\n`],
    ["bare-line-feed", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"],
    ["malformed-field-value", `${OK}A: b\nContent-Length: 0\r\n\r\n`],
    ["malformed-field-value", `${OK}A: b\rContent-Length: 0\r\n\r\n`],
    ["malformed-field-value", `${OK}A: b\x00\r\n\r\n`],
    ["malformed-field-value", `${OK}A: b\x7f\r\n\r\n`],
    ["malformed-field-name", `${OK}A : b\r\n\r\n`],
    ["malformed-field-name", `${OK}: b\r\n\r\n`],
    ["malformed-field-name", `${OK}A\r\n\r\n`],
    ["malformed-field-name", `${OK}A: b\r\n folded\r\n\r\n`],
    ["malformed-field-name", `${OK} A: b\r\n\r\n`],
    ["malformed-field-name", `${OK}\xe9: b\r\n\r\n`],
    ["repeated-content-length", `${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`],
    ["repeated-content-length", `${OK}Content-Length: 5\r\ncontent-length: 5\r\n\r\n`],
    ["invalid-content-length", `${OK}Content-Length: 5, 5\r\n\r\n`],
    ["invalid-content-length", `${OK}Content-Length: +5\r\n\r\n`],
    ["invalid-content-length", `${OK}Content-Length: 0x5\r\n\r\n`],
    ["invalid-content-length", `${OK}Content-Length: \r\n\r\n`],
    ["invalid-content-length", `${OK}Content-Length: 9007199254740993\r\n\r\n`],
    ["length-with-transfer-encoding", `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`],
    ["length-with-transfer-encoding", `${OK}Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n`],
    ["unsupported-transfer-encoding", `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`],
    ["unsupported-transfer-encoding", `${OK}Transfer-Encoding: chunked, gzip\r\n\r\n`],
    ["length-with-transfer-encoding", `${OK}Content-Length: 5\r\nTransfer-Encoding: gzip\r\n\r\n`],
    ["unsupported-transfer-encoding", `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`],
    ["unexpected-continue", "HTTP/1.1 100 Continue\r\n\r\n"],
    ["unexpected-upgrade", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"],
  ])("%s in %j", (code, bytes) => {
    const { fault, ended: isEnded, status } = toldOf(bytes);
    expect([fault, isEnded, status]).toEqual([code, false, 0]);
  });

  test("a head without an end, as soon as it is too long, in one piece or in many", () => {
    const bytes = `${OK}X: ${"x".repeat(16 * 1024)}`;
    for (const sizes of [[bytes.length], [1000]]) expect(toldOf(bytes, { sizes }).fault).toBe("head-too-large");
    expect(toldOf(`${OK}X: ${"x".repeat(20_000)}\r\n\r\n`).fault).toBe("head-too-large");
    expect(toldOf(`${OK}X: ${"x".repeat(16_000)}\r\nContent-Length: 0\r\n\r\n`, { sizes: [7] }).ended).toBe(true);
  });

  test("a fault has a stable code and says what is wrong", () => {
    const fault = new ResponseFault("bare-line-feed");
    expect([fault.name, fault.code]).toEqual(["ResponseFault", "bare-line-feed"]);
    expect(fault.message).toBe("malformed response: a line ends with LF alone, not with CRLF");
  });
});

describe("chunks", () => {
  const CHUNKED = `${OK}Transfer-Encoding: Chunked\r\n\r\n`;

  test.each<[string, string, Partial<Told>]>([
    ["one after the other", "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", { body: "abc0123456789" }],
    ["with extensions", '3;a=b;c="d"\r\nabc\r\n0;x\r\n\r\n', { body: "abc" }],
    ["with leading zeros", "003\r\nabc\r\n000\r\n\r\n", { body: "abc" }],
    ["with trailers", "0\r\nX-Sum: 1\r\nB:\r\n\r\n", { body: "", trailers: ["X-Sum", "1", "B", ""] }],
  ])("%s are read", (_name, bytes, told) => {
    expect(toldOf(CHUNKED + bytes)).toMatchObject(ended({ reusable: true, ...told }));
  });

  test.each<[string, string]>([
    ["malformed-chunk", "\r\n"],
    ["malformed-chunk", "x\r\n"],
    ["malformed-chunk", "-1\r\n"],
    ["malformed-chunk", " 3\r\n"],
    ["malformed-chunk", "3 \r\nabc\r\n"],
    ["malformed-chunk", "3\nabc\r\n"],
    ["malformed-chunk", "3\rabc\r\n"],
    ["malformed-chunk", "0x3\r\nabc\r\n"],
    ["malformed-chunk", ";a\r\n"],
    ["malformed-chunk", "10000000000000\r\n"],
    ["malformed-chunk", "3\r\nabcd\r\n"],
    ["malformed-chunk", "3\r\nabc\n0\r\n\r\n"],
    ["malformed-chunk", "3\r\nabc\rx"],
    ["malformed-chunk", "3;\n\r\n"],
    ["malformed-chunk", `3;${"x".repeat(2000)}\r\n`],
    ["malformed-chunk", "0\r\n\rx"],
    ["malformed-field-name", "0\r\nX-Sum : 1\r\n\r\n"],
    ["malformed-field-value", "0\r\nX-Sum: 1\nY: 2\r\n\r\n"],
    ["trailers-too-large", `0\r\nX: ${"x".repeat(20_000)}`],
  ])("are malformed (%s) in %j", (code, bytes) => {
    for (const sizes of [[100_000], [1]]) {
      const { fault, ended: isEnded, reusable } = toldOf(CHUNKED + bytes, { sizes });
      expect([fault, isEnded, reusable]).toEqual([code, false, false]);
    }
  });
});

describe("the end of the connection", () => {
  test("is that of a body without any other", () => {
    const { parser, told } = tellingOf();
    parser.execute(Buffer.from(`${OK}\r\nab`));
    parser.execute(Buffer.from("c"));
    expect([told.body, told.ended]).toEqual(["abc", false]);
    expect([parser.finish(), told.ended, parser.reusable]).toEqual([true, true, false]);
  });

  test.each([
    ["before a byte", ""],
    ["within the head", "HTTP/1.1 200"],
    ["within a length", `${OK}Content-Length: 3\r\n\r\nab`],
    ["within a chunk", `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nab`],
    ["before the last chunk", `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`],
    ["within trailers", `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n`],
  ])("%s cuts the response short", (_where, bytes) => {
    const { parser, told } = tellingOf();
    parser.execute(Buffer.from(bytes));
    expect([parser.finish(), told.ended, told.fault]).toEqual([false, false, null]);
  });
});

describe("bytes behind a response", () => {
  test.each([
    ["a length", `${OK}Content-Length: 2\r\n\r\nab`],
    ["no content", "HTTP/1.1 204 No\r\n\r\n"],
    ["chunks", `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ["trailers", `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n`],
  ])("with %s are left alone", (_framing, bytes) => {
    const { parser, told } = tellingOf();
    expect(parser.execute(Buffer.from(bytes + bytes))).toBe(bytes.length);
    expect([told.ended, told.heads]).toEqual([true, 1]);
    expect(parser.execute(Buffer.from(bytes))).toBe(0);
    expect(told.heads).toBe(1);
  });

  test("are the next response once one is expected", () => {
    const { parser, told } = tellingOf();
    parser.execute(Buffer.from(`${OK}Content-Length: 1\r\n\r\na`));
    parser.expect("GET", false);
    parser.execute(Buffer.from(`${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nb\r\n0\r\n\r\n`));
    expect([told.heads, told.body]).toEqual([2, "ab"]);
  });

  test("belong to the other protocol after a 101 that was asked for", () => {
    const head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
    const { parser, told } = tellingOf({ upgrade: true });
    expect(parser.execute(Buffer.from(`${head}HTTP/1.1 200 OK`))).toBe(head.length);
    expect([told.upgraded, told.heads, parser.reusable]).toEqual([["Upgrade", "websocket"], 0, false]);
    expect(toldOf("HTTP/1.1 101 Switching Protocols\r\n\r\n", { upgrade: true }).fault).toBe("unexpected-upgrade");
  });
});

describe("for all responses", () => {
  test("what was written is read, wherever the bytes are split", () => {
    forAll(aResponse, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (response, sizes) => {
      const whole = toldOf(response.bytes);
      expect(whole).toMatchObject({ ...response.expected, fault: null });
      expect(toldOf(response.bytes, { sizes })).toEqual(whole);
    });
  });

  test("changed bytes end in the same events wherever they are split, and never in an error of another kind", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 });
    forAll(aResponse, changes, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (response, edits, sizes) => {
      const bytes = Buffer.from(response.bytes, "latin1");
      for (const [at, octet] of edits) bytes[at % bytes.length] = octet;
      const text = bytes.toString("latin1");
      const { fault: whole, ...rest } = toldOf(text);
      const { fault: split, ...splitRest } = toldOf(text, { sizes });
      expect(splitRest).toEqual(rest);
      expect(split === null).toBe(whole === null);
    });
  });
});

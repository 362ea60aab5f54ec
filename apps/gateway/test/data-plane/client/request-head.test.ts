import type { RepeatedFields } from "@headgate/http";
import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import type { ClientRequest } from "../../../src/upstream/client/client-exchange.ts";
import { requestHead } from "../../../src/upstream/client/request-head.ts";

function head(changes: Partial<ClientRequest> = {}, length: number | null = 0): string {
  const request = { method: "GET", path: "/", fields: ["Host", "a"], repeated: null };
  return requestHead({ ...request, upgrade: null, body: null, ...changes }, "backend:80", length);
}

test("a head has its request's line and fields in their order, and keeps the connection", () => {
  expect(head({ path: "/a?b", fields: ["Host", "a", "X-One", "1", "x-one", "\xe9\t2"] })).toBe(
    "GET /a?b HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nx-one: \xe9\t2\r\nconnection: keep-alive\r\n\r\n",
  );
});

test("a request that names no host names the backend", () => {
  expect(head({ fields: [] })).toBe("GET / HTTP/1.1\r\nHost: backend:80\r\nconnection: keep-alive\r\n\r\n");
});

test("an upgrade is asked for", () => {
  expect(head({ upgrade: "websocket" })).toContain("\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
});

test.each<[string, number | null, string]>([
  ["GET", 0, ""],
  ["DELETE", 0, ""],
  ["OPTIONS", 0, ""],
  ["POST", 0, "content-length: 0\r\n"],
  ["PUT", 0, "content-length: 0\r\n"],
  ["PATCH", 0, "content-length: 0\r\n"],
  ["GET", 7, "content-length: 7\r\n"],
  ["POST", 7, "content-length: 7\r\n"],
  ["POST", null, "transfer-encoding: chunked\r\n"],
  ["DELETE", null, "transfer-encoding: chunked\r\n"],
])("%s with a body of %s bytes is framed by %j", (method, length, framing) => {
  expect(head({ method }, length)).toBe(`${method} / HTTP/1.1\r\nHost: a\r\nconnection: keep-alive\r\n${framing}\r\n`);
});

test.each<[string, Partial<ClientRequest>]>([
  ["a method with a space", { method: "GET /x" }],
  ["no method", { method: "" }],
  ["no target", { path: "" }],
  ["a target with a space", { path: "/ HTTP/1.1" }],
  ["a target with a line's end", { path: "/\r\nX: y" }],
  ["a target with NUL", { path: "/\0" }],
  ["a target beyond an octet", { path: "/\u010a" }],
  ["a name with a line's end", { fields: ["X\r\nY", "1"] }],
  ["a name with a colon", { fields: ["X:Y", "1"] }],
  ["an empty name", { fields: ["", "1"] }],
  ["a value with CR LF", { fields: ["X", "1\r\nY: 2"] }],
  ["a value with LF", { fields: ["X", "1\nY: 2"] }],
  ["a value with NUL", { fields: ["X", "\0"] }],
  ["a value of which one octet would be LF", { fields: ["X", "\u010a"] }],
  ["two hosts", { fields: ["Host", "a", "host", "a"] }],
  ["a length of its own", { fields: ["Content-Length", "5"] }],
  ["a coding of its own", { fields: ["transfer-encoding", "chunked"] }],
  ["a connection of its own", { fields: ["Connection", "close"] }],
  ["an expectation", { fields: ["Expect", "100-continue"] }],
])("%s is never sent", (_name, changes) => {
  expect(() => head(changes)).toThrow(expect.objectContaining({ code: "UPSTREAM_UNSENDABLE" }));
});

test("whatever is sent has one line for each part, and no other", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "-", " ", ":", "\t", "\r", "\n", "\0", "\xe9", "\u010d"),
    maxLength: 6,
  });
  forAll(text, text, fc.array(fc.tuple(text, text), { maxLength: 3 }), (method, path, fields) => {
    let sent: string;
    try {
      sent = head({ method, path, fields: fields.flat() });
    } catch {
      return;
    }
    expect(
      Buffer.from(sent, "latin1")
        .toString("latin1")
        .split(/[\r\n]+/),
    ).toEqual([
      `${method} ${path} HTTP/1.1`,
      "Host: backend:80",
      ...fields.map(([name, value]) => `${name}: ${value}`),
      "connection: keep-alive",
      "",
    ]);
  });
});

const repeats = (fields: readonly string[]): RepeatedFields => ({ fields, lines: undefined, told: 0 });

/** Four requests that begin with the same fields: their lines are kept from the second on. */
function heads(repeated: RepeatedFields, fields: readonly string[]): string[] {
  return [1, 2, 3, 4].map(() => head({ repeated, fields: [...fields] }));
}

test("requests that begin with the same fields are sent as if each stood alone", () => {
  const list = ["Host", "a", "X-One", "\xe9", "Via", "1.1 headgate"];
  const repeated = repeats(list);
  const sent = [[...list, "X-Request-Id", "1"], list, [...list, "X-Request-Id", "2", "X", "3"]];
  for (const fields of sent) expect(new Set(heads(repeated, fields))).toEqual(new Set([head({ fields })]));
});

test.each<[string, string[]]>([
  ["one that was changed", ["Host", "a", "X-One", "2", "X", "3"]],
  ["one that was taken out", ["Host", "a", "X", "3"]],
  ["one that was put before them", ["X", "3", "Host", "a", "X-One", "1"]],
  ["all of them taken out", []],
])("%s is sent as it is", (_what, fields) => {
  const repeated = repeats(["Host", "a", "X-One", "1"]);
  heads(repeated, repeated.fields);
  expect(new Set(heads(repeated, fields))).toEqual(new Set([head({ fields })]));
});

test.each<[string, string[], string[]]>([
  ["a second host beside them", ["Host", "a"], ["host", "b"]],
  ["two hosts among them", ["Host", "a", "host", "b"], []],
  ["a value with LF among them", ["X", "1\nY: 2"], []],
  ["a value with LF beside them", ["X", "1"], ["Y", "1\nZ: 2"]],
  ["a length among them", ["Content-Length", "5"], []],
])("%s is not sent, the first time or later", (_what, list, own) => {
  const repeated = repeats(list);
  for (let i = 0; i < 4; i += 1)
    expect(() => head({ repeated, fields: [...list, ...own] })).toThrow(
      expect.objectContaining({ code: "UPSTREAM_UNSENDABLE" }),
    );
});

test("whatever fields have in common, and whatever becomes of them, they are sent as if each request stood alone", () => {
  const field = fc.tuple(fc.constantFrom("Host", "X-A", "X-B", "Via"), fc.constantFrom("a", "b", "\xe9"));
  const fields = fc.array(field, { maxLength: 4 }).map((pairs) => pairs.flat());
  const orRefusal = (make: () => string): string => {
    try {
      return make();
    } catch (error) {
      return (error as Error).message;
    }
  };
  forAll(fields, fc.array(fields, { minLength: 1, maxLength: 5 }), fc.boolean(), (list, others, together) => {
    const repeated = repeats(list);
    for (const other of others) {
      const sent = together ? [...list, ...other] : other;
      expect(orRefusal(() => head({ repeated, fields: sent }))).toBe(orRefusal(() => head({ fields: sent })));
    }
  });
});

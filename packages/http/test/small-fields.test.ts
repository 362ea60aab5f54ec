import { fieldValue, forAll, seededRandom } from "@headgate/testing";
import * as fc from "fast-check";
import {
  continueTrace,
  isIdempotent,
  isSafe,
  mediaCharset,
  mediaEssence,
  parseSfDictionary,
  parseSfList,
  parseTraceparent,
  proxyStatus,
  sfMember,
  sfString,
  sfTokenOrString,
  traceIdOf,
  viaCount,
  viaValue,
} from "../src/index.ts";

test.each([
  ["GET", true, true],
  ["HEAD", true, true],
  ["OPTIONS", true, true],
  ["TRACE", true, true],
  ["QUERY", true, true],
  ["PUT", false, true],
  ["DELETE", false, true],
  ["POST", false, false],
  ["PATCH", false, false],
  ["get", false, false],
])("%s is safe %s, idempotent %s", (method, safe, idempotent) => {
  expect(isSafe(method)).toBe(safe);
  expect(isIdempotent(method)).toBe(idempotent);
});

test.each([
  ["Text/HTML; Charset=UTF-8", "text/html", "utf-8"],
  ['text/html ;a="x;charset=no"; charset = "ISO-8859-1"', "text/html", "iso-8859-1"],
  ["application/json", "application/json", undefined],
  ["", "", undefined],
  ["charset=utf-8", "charset=utf-8", undefined],
])("Content-Type %j", (value, essence, charset) => {
  expect(mediaEssence(value)).toBe(essence);
  expect(mediaCharset(value)).toBe(charset);
});

describe("Via", () => {
  test("appends our own member", () => {
    expect(viaValue([], "1.1", "headgate")).toBe("1.1 headgate");
    expect(viaValue(["Via", ""], "1.1", "headgate")).toBe("1.1 headgate");
    expect(viaValue(["Via", "1.0 fred", "via", "1.1 b"], "2.0", "headgate")).toBe("1.0 fred, 1.1 b, 2.0 headgate");
  });

  test("counts how often we were met", () => {
    expect(viaCount([], "headgate")).toBe(0);
    const fields = ["Via", "1.1 headgate (a, headgate), HTTP/2.0  headgate", "Via", "1.1 headgate2, 1.1 headgate"];
    expect(viaCount(fields, "headgate")).toBe(3);
  });
});

describe("structured fields", () => {
  test("a malformed value is undefined, not an error", () => {
    expect(parseSfDictionary("a=1, b")?.size).toBe(2);
    expect(parseSfDictionary("a=1,,b")).toBeUndefined();
    expect(parseSfList("a, b")).toHaveLength(2);
    expect(parseSfList('"')).toBeUndefined();
    forAll(fieldValue(), (value) => parseSfDictionary(value) === undefined || parseSfDictionary(value) !== null);
  });

  test("whatever is written as a String or Token can be read", () => {
    forAll(fc.string({ unit: "binary" }), (text) => parseSfList(sfTokenOrString(text)) !== undefined);
    expect(sfString('a"b\\c\n\u00e9')).toBe('"a\\"b\\\\c??"');
    expect(sfTokenOrString("no-store")).toBe("no-store");
    expect(sfTokenOrString("1st")).toBe('"1st"');
    expect(sfTokenOrString("")).toBe('""');
    expect(sfTokenOrString("a:b/c")).toBe("a:b/c");
  });

  test("a member tells what is there and leaves out what is not", () => {
    const member = sfMember("headgate", [
      ["hit", true],
      ["stored", false],
      ["ttl", -3],
      ["key", sfString("a")],
      ["detail", undefined],
    ]);
    expect(member).toBe('headgate; hit; ttl=-3; key="a"');
    expect(parseSfList(member)).toHaveLength(1);
  });
});

test("Proxy-Status tells the error and the hop", () => {
  const status = {
    error: "connection_refused",
    nextHop: "127.0.0.1:8001",
    receivedStatus: 500,
    details: 'x"',
  } as const;
  const value = proxyStatus("headgate", status);
  expect(value).toBe(
    'headgate; error=connection_refused; next-hop="127.0.0.1:8001"; received-status=500; details="x\\""',
  );
  expect(parseSfList(value)).toBeDefined();
  expect(proxyStatus("my gate", {})).toBe('"my gate"');
});

describe("traceparent", () => {
  const ID = "0af7651916cd43dd8448eb211c80319c";
  const SPAN = "b7ad6b7169203331";

  test("is parsed, and continued with a span of our own", () => {
    const value = `00-${ID}-${SPAN}-01`;
    expect(parseTraceparent(value)).toEqual({ traceId: ID, spanId: SPAN, sampled: true });
    const next = continueTrace(value, seededRandom(1));
    expect(parseTraceparent(next)).toMatchObject({ traceId: ID, sampled: true });
    expect(next).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(next).not.toContain(SPAN);
    expect(traceIdOf(next)).toBe(ID);
  });

  test.each([
    "",
    `00-${ID}-${SPAN}`,
    `00-${ID}-${SPAN}-01-x`,
    `00-${ID}-${SPAN}-1`,
    `ff-${ID}-${SPAN}-01`,
    `00-${ID.toUpperCase()}-${SPAN}-01`,
    `00-${"0".repeat(32)}-${SPAN}-01`,
    `00-${ID}-${"0".repeat(16)}-01`,
    `01-${ID}-${SPAN}-01x`,
  ])("%j is refused, and a new trace begins", (value) => {
    expect(parseTraceparent(value)).toBeUndefined();
    const begun = continueTrace(value, seededRandom(2));
    expect(traceIdOf(begun)).toMatch(/^[0-9a-f]{32}$/);
    expect(traceIdOf(begun)).not.toBe(ID);
  });

  test("a later version is read as far as it is known", () => {
    expect(parseTraceparent(`01-${ID}-${SPAN}-02-more`)).toEqual({ traceId: ID, spanId: SPAN, sampled: false });
  });

  test("what is made is valid, even by a poor random", () => {
    forAll(fc.integer(), (seed) => parseTraceparent(continueTrace(undefined, seededRandom(seed))) !== undefined);
    expect(continueTrace(undefined, () => 0)).toBe(`00-${"1".padStart(32, "0")}-${"1".padStart(16, "0")}-01`);
    expect(continueTrace(undefined, () => 0.5)).toBe(`00-${"80000000".repeat(4)}-${"80000000".repeat(2)}-01`);
  });

  test("whether the parent was sampled goes on, and the next trace is sampled again", () => {
    expect(continueTrace(`00-${ID}-${SPAN}-00`, seededRandom(3))).toMatch(/-00$/);
    expect(continueTrace(undefined, seededRandom(4))).toMatch(/-01$/);
  });
});

import { type FieldList, joinField } from "@headgate/http";
import { planHead, planRevalidated, type ResponseInput, type StoredEntry, withConditions } from "../src/index.ts";
import { anEntry, aResponse, httpDate, NOW, type ResponseChanges, SECOND } from "./support.ts";

const LATER = NOW + 10 * SECOND;
const CC = ["Cache-Control", "max-age=5"];

function anAnswer(changes: ResponseChanges): ResponseInput {
  return aResponse({ status: 304, requestTime: LATER, responseTime: LATER, ...changes });
}

function refresh(entry: StoredEntry, changes: ResponseChanges): StoredEntry {
  const plan = planRevalidated(entry, anAnswer(changes));
  if (plan.kind === "unusable") throw new Error(plan.reason);
  return plan.entry;
}

function field(entry: StoredEntry, name: string): string | undefined {
  return joinField(entry.fields, name);
}

describe("our conditions take the place of the client's", () => {
  test("and its other fields stay", () => {
    const fields = [
      "If-None-Match",
      '"x"',
      "Accept",
      "*/*",
      "if-modified-since",
      "y",
      "Range",
      "bytes=0-1",
      "If-Range",
      "z",
    ];
    const expected = ["Accept", "*/*", "Range", "bytes=0-1", "If-Range", "z", "If-None-Match", '"a"'];
    expect(withConditions(fields, ["If-None-Match", '"a"'])).toEqual(expected);
  });
});

describe("a 304 refreshes the entry", () => {
  const entry = anEntry("body", {
    fields: [...CC, "ETag", '"a"', "Date", httpDate(0), "X-A", "1", "X-A", "2", "X-B", "3"],
  });

  test("which is fresh again from now on", () => {
    const fresh = refresh(entry, { fields: ["Date", httpDate(10), "ETag", '"a"'] });
    expect([fresh.bornAt, fresh.expiresAt, fresh.receivedAt]).toEqual([LATER, LATER + 5 * SECOND, LATER]);
    expect(fresh.body).toBe(entry.body);
  });

  test("even without a Date", () => {
    expect(refresh(entry, { fields: ["ETag", '"a"'] }).bornAt).toBe(LATER);
    expect(field(refresh(entry, {}), "date")).toBe(httpDate(10));
  });

  test("by the Age of the 304", () => {
    expect(refresh(entry, { fields: ["Age", "3"] }).bornAt).toBe(LATER - 3 * SECOND);
  });

  test("with each field that it has in place of the stored ones, and the others kept", () => {
    const fresh = refresh(entry, {
      fields: ["x-a", "new", "Cache-Control", "max-age=60", "Connection", "X-B", "X-B", "no"],
    });
    expect([field(fresh, "x-a"), field(fresh, "x-b")]).toEqual(["new", "3"]);
    expect(fresh.expiresAt).toBe(LATER + 60 * SECOND);
  });

  test.each<[string, string, string]>([
    ["Content-Type", "text/a", "text/b"],
    ["Content-Location", "/a", "/b"],
    ["Set-Cookie", "a=b", "a=c"],
    ["Expires", httpDate(100), httpDate(200)],
    ["Content-Security-Policy", "a", "b"],
  ])("%s is replaced", (name, before, after) => {
    const stored = anEntry("body", { fields: [...CC, name, before, "ETag", '"a"'] });
    expect(field(refresh(stored, { fields: [name, after] }), name.toLowerCase())).toBe(after);
  });

  test.each<[string, string, string]>([
    ["Content-Length", "4", "0"],
    ["Content-Encoding", "gzip", "br"],
    ["Content-Range", "x", "y"],
    ["Content-MD5", "x", "y"],
    ["Content-Digest", "x", "y"],
    ["ETag", '"a"', 'W/"a"'],
  ])("%s is not: it describes the bytes that we hold", (name, before, after) => {
    const stored = anEntry("body", { fields: [...CC, "ETag", '"a"', name, before] });
    expect(field(refresh(stored, { fields: [name, after] }), name.toLowerCase())).toContain(before);
    expect(field(refresh(stored, { fields: [name, after] }), name.toLowerCase())).not.toContain(after);
  });

  test("what selected it stays what it was", () => {
    const request = { fields: ["Accept-Language", "en, de"] };
    const stored = anEntry("x", {
      request,
      fields: [...CC, "ETag", '"a"', "Vary", "Accept-Language", "Content-Language", "de"],
    });
    const fresh = refresh(stored, { request: { fields: ["Accept-Language", "de"] } });
    expect(fresh.vary).toEqual(stored.vary);
  });

  test("for HEAD as for GET", () => {
    const plan = planRevalidated(entry, anAnswer({ request: { method: "HEAD" } }));
    expect(plan).toMatchObject({ kind: "refreshed", unstored: undefined });
  });

  test.each<[string, FieldList]>([
    ["no-store", ["Cache-Control", "no-store"]],
    ["private", ["Cache-Control", "private"]],
    ["vary-star", ["Vary", "*"]],
  ])("it is served, but kept no longer: %s", (reason, fields) => {
    expect(planRevalidated(entry, anAnswer({ fields }))).toMatchObject({ kind: "refreshed", unstored: reason });
  });
});

describe("a 304 is about the entry", () => {
  const of = (...fields: string[]) => anEntry("x", { fields: [...CC, ...fields] });

  test.each<[string, StoredEntry, FieldList, boolean]>([
    ["the same tag", of("ETag", '"a"'), ["ETag", '"a"'], true],
    ["another tag (RFC 9111 §4.3.4)", of("ETag", '"a"'), ["ETag", '"b"'], false],
    ["a weak tag of the same text", of("ETag", '"a"'), ["ETag", 'W/"a"'], true],
    ["a strong tag, where only a weak one is stored", of("ETag", 'W/"a"'), ["ETag", '"a"'], false],
    ["weak and weak", of("ETag", 'W/"a"'), ["ETag", 'W/"a"'], true],
    ["no tag", of("ETag", '"a"'), [], true],
    ["a tag that had no quotes", of("ETag", "a"), ["ETag", "a"], true],
    ["the same date", of("Last-Modified", httpDate(-9)), ["Last-Modified", httpDate(-9)], true],
    ["another date", of("Last-Modified", httpDate(-9)), ["Last-Modified", httpDate(-8)], false],
    [
      "another date beside the condition by tag",
      of("ETag", '"a"', "Last-Modified", httpDate(-9)),
      ["Last-Modified", "x"],
      true,
    ],
  ])("%s", (_name, entry, fields, isAbout) => {
    expect(planRevalidated(entry, anAnswer({ fields })).kind).toBe(isAbout ? "refreshed" : "unusable");
  });
});

describe("a response to HEAD (RFC 9111 §4.3.5)", () => {
  const entry = anEntry("body", { fields: [...CC, "ETag", '"a"', "Last-Modified", httpDate(-9)] });
  const head = (changes: ResponseChanges) =>
    planHead(entry, anAnswer({ status: 200, request: { method: "HEAD" }, ...changes }));

  test("updates the entry where nothing has changed", () => {
    const plan = head({ fields: ["Cache-Control", "max-age=60", "ETag", '"a"', "Content-Length", "4", "X-A", "1"] });
    expect(plan).toMatchObject({ kind: "update", entry: { expiresAt: LATER + 60 * SECOND } });
    expect(plan.kind === "update" && field(plan.entry, "x-a")).toBe("1");
  });

  test.each<[string, FieldList]>([
    ["the tag", ["ETag", '"b"']],
    ["the date", ["Last-Modified", httpDate(-8)]],
    ["the length", ["Content-Length", "5"]],
  ])("makes it stale where %s has changed", (_name, fields) => {
    const plan = head({ fields, responseTime: NOW + 1, requestTime: NOW });
    expect(plan).toMatchObject({ kind: "stale", reason: "changed", entry: { expiresAt: NOW + 1 } });
  });

  test("makes it stale where it may not be kept", () => {
    expect(head({ fields: ["Cache-Control", "no-store"] })).toMatchObject({ kind: "stale", reason: "not-storable" });
  });

  test("says nothing with another status, nor on a part", () => {
    expect(head({ status: 404 })).toEqual({ kind: "keep", reason: "status" });
    const part = anEntry("0", {
      status: 206,
      request: { fields: ["Range", "bytes=0-0"] },
      fields: [...CC, "Content-Range", "bytes 0-0/2"],
    });
    expect(planHead(part, anAnswer({ status: 200 }))).toEqual({ kind: "keep", reason: "status" });
  });
});

import { entrySize } from "../src/entry-size.ts";
import {
  addVariant,
  type LookupPlan,
  planCompletion,
  planLookup,
  planServe,
  readDemands,
  type StoredEntry,
  withCompletion,
} from "../src/index.ts";
import { anEntry, aRequest, aResponse, NOW, SECOND } from "./support.ts";

const TAG = ["ETag", '"v1"'];

function aPart(
  body: string,
  first: number,
  last: number,
  total: number | "*" = 10,
  fields: string[] = TAG,
): StoredEntry {
  const range = `bytes ${first}-${last}/${total}`;
  return anEntry(body, {
    status: 206,
    request: { fields: ["Range", `bytes=${first}-${last}`] },
    fields: ["Cache-Control", "max-age=60", "Content-Range", range, ...fields],
  });
}

function lookUp(entry: StoredEntry, fields: string[], method = "GET", at = 0): LookupPlan {
  const demands = readDemands(fields, aResponse().policy);
  return planLookup(aRequest({ method, fields }), demands, [entry], NOW + at * SECOND);
}

/** Content-Range and body of the answer, or the kind of plan where the part does not answer. */
function answer(entry: StoredEntry, ...fields: string[]): string {
  const plan = lookUp(entry, fields);
  if (plan.kind !== "hit") return plan.kind;
  const served = planServe(aRequest({ fields }), readDemands(fields, aResponse().policy), entry, NOW);
  const body = served.kind === "partial" ? Buffer.concat([...served.body]).toString() : served.kind;
  return `${served.fields[served.fields.indexOf("Content-Range") + 1]} ${body}`;
}

describe("a stored part answers ranges wholly within it (RFC 9111 §3.3)", () => {
  const part = aPart("45678", 4, 8);

  test.each<[string, string]>([
    ["bytes=4-8", "bytes 4-8/10 45678"],
    ["bytes=5-6", "bytes 5-6/10 56"],
    ["bytes=8-8", "bytes 8-8/10 8"],
    ["bytes=3-6", "miss"],
    ["bytes=6-9", "miss"],
    ["bytes=6-", "miss"],
    ["bytes=-2", "miss"],
    ["bytes=5-5,7-7", "bytes 5-7/10 567"],
    ["bytes=20-30", "miss"],
    ["lines=4-8", "miss"],
  ])("%s", (range, expected) => expect(answer(part, "Range", range)).toBe(expected));

  test("to its end", () => {
    expect(answer(aPart("789", 7, 9), "Range", "bytes=8-")).toBe("bytes 8-9/10 89");
    expect(answer(aPart("789", 7, 9), "Range", "bytes=-1")).toBe("bytes 9-9/10 9");
  });

  test("of unknown length only by positions", () => {
    const open = aPart("45678", 4, 8, "*");
    expect(answer(open, "Range", "bytes=5-6")).toBe("bytes 5-6/* 56");
    expect(answer(open, "Range", "bytes=5-")).toBe("miss");
    expect(answer(open, "Range", "bytes=-2")).toBe("miss");
  });

  test("only where If-Range allows it", () => {
    expect(answer(part, "Range", "bytes=5-6", "If-Range", '"v1"')).toBe("bytes 5-6/10 56");
    expect(answer(part, "Range", "bytes=5-6", "If-Range", '"v2"')).toBe("miss");
  });

  test("not HEAD, and not two Range lines", () => {
    expect(lookUp(part, ["Range", "bytes=5-6"], "HEAD").kind).toBe("miss");
    expect(answer(part, "Range", "bytes=5-6", "Range", "bytes=5-6")).toBe("miss");
  });

  test("a client that has it is told so", () => {
    expect(answer(part, "Range", "bytes=5-6", "If-None-Match", '"v1"')).toContain("not-modified");
  });

  test("stale, it does not answer", () => {
    expect(lookUp(part, ["Range", "bytes=5-6"], "GET", 60)).toEqual({ kind: "miss", why: "stale", fallback: part });
  });
});

describe("a part that brought less than its Content-Range says", () => {
  const short = aPart("4567", 4, 9);

  test.each<[string, string]>([
    ["bytes=4-9", "bytes 4-9/10 4567"],
    ["bytes=5-6", "bytes 5-6/10 56"],
    ["bytes=6-", "bytes 6-7/10 67"],
    ["bytes=-1", "miss"],
  ])("%s: answers are cut to what came", (range, expected) => expect(answer(short, "Range", range)).toBe(expected));

  test("is not joined with another", () => {
    expect(addVariant([short], aPart("0123", 0, 3), 9).map(({ body }) => body.toString())).toEqual(["0123", "4567"]);
  });
});

describe("parts are joined (RFC 9111 §3.4)", () => {
  function join(older: StoredEntry, newer: StoredEntry): (string | number)[] {
    return addVariant([older], newer, 9).flatMap(({ status, body, fields }) => {
      return [status, `${fields[fields.indexOf("Content-Range") + 1]} ${body}`];
    });
  }

  test.each<[string, StoredEntry, StoredEntry, string]>([
    ["that touch", aPart("123", 1, 3), aPart("45", 4, 5), "bytes 1-5/10 12345"],
    ["the other way round", aPart("45", 4, 5), aPart("123", 1, 3), "bytes 1-5/10 12345"],
    ["that overlap", aPart("1234", 1, 4), aPart("345", 3, 5), "bytes 1-5/10 12345"],
    ["one within the other", aPart("12345", 1, 5), aPart("xy", 2, 3), "bytes 1-5/10 1xy45"],
    ["the newer around the older", aPart("23", 2, 3), aPart("12345", 1, 5), "bytes 1-5/10 12345"],
    ["of unknown length", aPart("123", 1, 3, "*"), aPart("45", 4, 5, "*"), "bytes 1-5/* 12345"],
  ])("%s", (_name, older, newer, expected) => expect(join(older, newer)).toEqual([206, expected]));

  test("into a whole, with the newer one's fields", () => {
    const older = aPart("01234", 0, 4, 10, [...TAG, "X-A", "old", "X-B", "old"]);
    const [whole, ...others] = addVariant([older], aPart("56789", 5, 9, 10, [...TAG, "X-A", "new"]), 9);
    expect(others).toEqual([]);
    expect(whole).toMatchObject({ status: 200, part: null });
    expect(whole?.body.toString()).toBe("0123456789");
    expect(whole?.fields).toEqual(expect.arrayContaining(["new", "X-B", "Content-Length", "10"]));
    expect(whole?.fields).not.toEqual(expect.arrayContaining(["Content-Range"]));
    expect(whole?.size).toBe(whole && entrySize(whole, 10));
  });

  test.each<[string, StoredEntry, StoredEntry]>([
    ["with a gap", aPart("12", 1, 2), aPart("45", 4, 5)],
    ["of another length", aPart("123", 1, 3, 11), aPart("45", 4, 5)],
  ])("but not %s", (_name, older, newer) => expect(join(older, newer)).toHaveLength(4));

  test.each<[string, string[], string[]]>([
    ["of another version", ["ETag", '"v0"'], TAG],
    ["with weak tags", ["ETag", 'W/"v1"'], ["ETag", 'W/"v1"']],
    ["with tags that are none", ["ETag", "v1"], ["ETag", "v1"]],
    ["without tags", [], []],
  ])("nor %s", (_name, old, fresh) => {
    const joined = addVariant([aPart("123", 1, 3, 10, old)], aPart("45", 4, 5, 10, fresh), 9);
    expect(joined[0]?.body.toString()).toBe("45");
  });
});

describe("a stored beginning is completed", () => {
  const beginning = aPart("01234", 0, 4);

  test("for a plain GET, by asking for the rest of the same version", () => {
    const plan = lookUp(beginning, []);
    expect(plan).toEqual({ kind: "complete", entry: beginning, ask: ["Range", "bytes=5-", "If-Range", '"v1"'] });
    const sent = withCompletion(["Accept", "*/*", "if-range", "x"], ["Range", "bytes=5-"]);
    expect(sent).toEqual(["Accept", "*/*", "Range", "bytes=5-"]);
  });

  test("without a strong tag the origin may still answer with all of it", () => {
    expect(lookUp(aPart("01234", 0, 4, 10, []), [])).toMatchObject({ kind: "complete", ask: ["Range", "bytes=5-"] });
  });

  test.each<[string, StoredEntry, string[]]>([
    ["not the end", aPart("56789", 5, 9), []],
    ["not where the length is unknown", aPart("01234", 0, 4, "*"), []],
    ["not for a range beyond it", beginning, ["Range", "bytes=3-7"]],
    ["not for conditions", beginning, ["If-None-Match", '"x"']],
    ["not for no-cache", beginning, ["Cache-Control", "no-cache"]],
  ])("%s", (_name, entry, fields) => {
    expect(lookUp(entry, fields)).toEqual({ kind: "miss", why: "partial-miss", fallback: undefined });
  });

  test("not once it is stale, nor for only-if-cached", () => {
    expect(lookUp(beginning, [], "GET", 60).kind).toBe("miss");
    expect(lookUp(beginning, ["Cache-Control", "only-if-cached"]).kind).toBe("unsatisfiable");
  });

  test("the rest makes a 200 with the newer fields", () => {
    const rest = ["Content-Range", "bytes 5-9/10", "Content-Length", "5", "X-A", "new", "Connection", "close", ...TAG];
    const plan = planCompletion(beginning, 206, rest);
    expect(plan).toMatchObject({ kind: "join", status: 200, prefix: beginning.body });
    const fields = plan.kind === "join" ? plan.fields : [];
    expect(fields).toEqual(expect.arrayContaining(["X-A", "new", "Content-Length", "10", "ETag", '"v1"']));
    expect(fields).not.toEqual(expect.arrayContaining(["Content-Range"]));
    expect(fields).not.toEqual(expect.arrayContaining(["Connection"]));
  });

  test.each<[string, number, string[], string]>([
    ["all of it", 200, [], "use"],
    ["an error", 500, [], "use"],
    ["no such range", 416, [], "restart"],
    ["another range", 206, ["Content-Range", "bytes 6-9/10", ...TAG], "restart"],
    ["less than the rest", 206, ["Content-Range", "bytes 5-8/10", ...TAG], "restart"],
    ["of another length", 206, ["Content-Range", "bytes 5-10/11", ...TAG], "restart"],
    ["of another version", 206, ["Content-Range", "bytes 5-9/10", "ETag", '"v2"'], "restart"],
    ["of no known version", 206, ["Content-Range", "bytes 5-9/10"], "restart"],
    ["unreadable", 206, [], "restart"],
  ])("the answer is %s", (_name, status, fields, expected) => {
    expect(planCompletion(beginning, status, fields).kind).toBe(expected);
  });
});

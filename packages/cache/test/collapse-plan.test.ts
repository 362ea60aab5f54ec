import {
  type CacheKey,
  type CacheRequest,
  type LookupPlan,
  mayShare,
  planCollapse,
  planStore,
  readDemands,
  UnshareableKeys,
} from "../src/index.ts";
import { anEntry, aRequest, aResponse, NOW, type ResponseChanges, SECOND } from "./support.ts";

const MISS: LookupPlan = { kind: "miss", why: "uri-miss", fallback: undefined };
const STALE: LookupPlan = {
  kind: "revalidate",
  entry: anEntry("x", { fields: ["ETag", '"a"'] }),
  conditions: ["If-None-Match", '"a"'],
  why: "stale",
};
const PART: LookupPlan = { kind: "complete", entry: STALE.entry, ask: [] };

function collapse(lookup: LookupPlan, fields: string[] = [], method = "GET", unshareable = false) {
  const demands = readDemands(fields, aResponse().policy);
  return planCollapse(aRequest({ method, fields }), demands, lookup, unshareable);
}

describe("who waits for whom", () => {
  test.each<[string, LookupPlan, string[], string, boolean]>([
    ["a miss leads", MISS, [], "GET", true],
    ["a revalidation leads", STALE, [], "GET", true],
    ["a QUERY leads", MISS, [], "QUERY", true],
    ["the client's conditions are replaced when validating", STALE, ["If-None-Match", '"b"'], "GET", true],
    ["but go upstream on a miss, and the answer is for it alone", MISS, ["If-None-Match", '"b"'], "GET", false],
    ["as with a range", MISS, ["Range", "bytes=0-1"], "GET", false],
    ["HEAD brings no body", MISS, [], "HEAD", false],
  ])("%s", (_name, lookup, fields, method, lead) => {
    expect(collapse(lookup, fields, method)).toEqual({ kind: "join", lead });
  });

  test("some go alone", () => {
    expect(collapse(MISS, ["Cache-Control", "no-cache"])).toEqual({ kind: "alone", reason: "request-no-cache" });
    expect(collapse(PART)).toEqual({ kind: "alone", reason: "completion" });
    expect(collapse(MISS, [], "GET", true)).toEqual({ kind: "alone", reason: "unshareable" });
  });
});

describe("who shares the answer", () => {
  function share(response: ResponseChanges, waiter: Partial<CacheRequest>): string {
    const plan = planStore(aResponse(response));
    const demands = readDemands(waiter.fields ?? [], aResponse(response).policy);
    const decided = mayShare(plan.kind === "store" ? plan.head : undefined, aRequest(waiter), demands);
    return decided.kind === "share" ? "share" : decided.reason;
  }

  const shared = ["Cache-Control", "public, max-age=60"];
  const own = ["Cache-Control", "max-age=60"];
  const alice = { identity: "alice" };

  test.each<[string, ResponseChanges, Partial<CacheRequest>, string]>([
    ["a public one", { request: alice, fields: shared }, { identity: "bob" }, "share"],
    ["one's own", { request: alice, fields: own }, alice, "share"],
    ["another's", { request: alice, fields: own }, { identity: "bob" }, "identity"],
    ["nobody's, for somebody", { fields: own }, alice, "identity"],
    ["another's, for nobody", { request: alice, fields: own }, {}, "identity"],
    ["one that is private", { fields: ["Cache-Control", "private, max-age=60"] }, {}, "not-stored"],
    ["one with Vary: *", { fields: [...shared, "Vary", "*"] }, {}, "not-stored"],
    ["one that varies", { fields: [...shared, "Vary", "Foo"] }, { fields: ["Foo", "1"] }, "vary"],
    ["one that varies in other ways", { fields: [...shared, "Vary", "Foo"] }, { fields: ["Bar", "1"] }, "share"],
    ["of our own lifetime, with a cookie", { policy: { ttl: SECOND } }, { fields: ["Cookie", "a=b"] }, "cookie"],
    ["of our own lifetime", { policy: { ttl: SECOND } }, {}, "share"],
    [
      "a part",
      { status: 206, request: { fields: ["Range", "bytes=0-0"] }, fields: [...shared, "Content-Range", "bytes 0-0/9"] },
      {},
      "partial",
    ],
  ])("%s", (_name, response, waiter, expected) => expect(share(response, waiter)).toBe(expected));
});

describe("keys whose answers were for one alone", () => {
  const [a, b, c] = ["a", "b", "c"] as CacheKey[] as [CacheKey, CacheKey, CacheKey];

  test("are remembered for a while, or until one was shared", () => {
    const keys = new UnshareableKeys(5 * SECOND);
    keys.note(a, NOW);
    expect([keys.has(a, NOW + 4999), keys.has(a, NOW + 5000), keys.has(b, NOW)]).toEqual([true, false, false]);
    keys.forget(a);
    expect(keys.has(a, NOW)).toBe(false);
  });

  test("one that is noted again and again stays", () => {
    const keys = new UnshareableKeys(10 * SECOND);
    for (let at = NOW; at < NOW + 60 * SECOND; at += SECOND) {
      keys.note(a, at);
      expect([keys.has(a, at + 4999), keys.has(a, at + 10_000)]).toEqual([true, false]);
    }
  });

  test("within bounds", () => {
    const keys = new UnshareableKeys(undefined, 2);
    for (const key of [a, b, c]) keys.note(key, NOW);
    expect([a, b, c].map((key) => keys.has(key, NOW))).toEqual([false, true, true]);
  });
});

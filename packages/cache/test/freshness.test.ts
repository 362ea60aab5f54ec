import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { assess } from "../src/entry-head.ts";
import { planLookup, type ResponseInput, readDemands } from "../src/index.ts";
import { anEntry, aRequest, aResponse, httpDate, NOW, type ResponseChanges, SECOND } from "./support.ts";

function freshness(changes: ResponseChanges): [string, number] {
  const { source, lifetime } = assess(aResponse(changes)).freshness;
  return [source, lifetime / SECOND];
}

describe("the freshness lifetime (RFC 9111 §4.2.1)", () => {
  test.each<[string, string[], [string, number]]>([
    ["s-maxage before all", ["Cache-Control", "max-age=9, s-maxage=5", "Expires", httpDate(99)], ["s-maxage", 5]],
    ["max-age before Expires", ["Cache-Control", "max-age=9", "Expires", httpDate(99)], ["max-age", 9]],
    ["Expires less Date", ["Expires", httpDate(20), "Date", httpDate(-10)], ["expires", 30]],
    ["Expires before Date", ["Expires", httpDate(300), "Date", httpDate(400)], ["expires", 0]],
    ["Expires without Date counts from receipt", ["Expires", httpDate(20)], ["expires", 20]],
    ["an invalid Date is the time of receipt", ["Expires", httpDate(20), "Date", "foo"], ["expires", 20]],
    ["an invalid Expires is the past", ["Expires", "0", "Last-Modified", httpDate(-1000)], ["expires", 0]],
    ["the first of two Expires", ["Expires", httpDate(20), "Expires", httpDate(50)], ["expires", 20]],
    ["an RFC 850 date", ["Expires", "Thursday, 01-Jan-26 00:00:40 GMT"], ["expires", 40]],
    ["an asctime date", ["Expires", "Thu Jan  1 00:00:40 2026"], ["expires", 40]],
    ["a tenth of the time since it changed", ["Last-Modified", httpDate(-1000)], ["heuristic", 100]],
    ["a guess is a day at most", ["Last-Modified", httpDate(-1e8)], ["heuristic", 86_400]],
    ["a change to come is no guess", ["Last-Modified", httpDate(100)], ["heuristic", 0]],
    ["nothing", [], ["none", 0]],
  ])("%s", (_name, fields, expected) => expect(freshness({ fields })).toEqual(expected));

  test.each([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])("%d may be guessed", (status) => {
    expect(freshness({ status, fields: ["Last-Modified", httpDate(-1000)] })).toEqual(["heuristic", 100]);
  });

  test.each([201, 202, 302, 307, 403, 500, 502, 503, 504, 599])(
    "%d may be guessed only where it is public",
    (status) => {
      const fields = ["Last-Modified", httpDate(-1000)];
      expect(freshness({ status, fields })).toEqual(["none", 0]);
      expect(freshness({ status, fields: [...fields, "Cache-Control", "public"] })).toEqual(["heuristic", 100]);
    },
  );

  test("a targeted field puts Expires out of force", () => {
    expect(freshness({ fields: ["CDN-Cache-Control", "public", "Expires", httpDate(9)] })).toEqual(["none", 0]);
  });
});

describe("the default lifetime", () => {
  const policy = { ttl: 300 * SECOND };

  test.each([200, 203, 204, 300, 301, 308])("applies to %d", (status) => {
    expect(freshness({ status, policy })).toEqual(["default", 300]);
  });

  test.each([404, 405, 410, 414, 500, 501, 302])("does not apply to %d", (status) => {
    expect(freshness({ status, policy })).toEqual(["none", 0]);
  });

  test("only where nothing else speaks", () => {
    expect(freshness({ policy, fields: ["Last-Modified", httpDate(-10)] })).toEqual(["heuristic", 1]);
    expect(freshness({ policy, fields: ["Expires", "0"] })).toEqual(["expires", 0]);
    expect(freshness({ policy, fields: ["Pragma", "no-cache"] })).toEqual(["none", 0]);
  });

  test("not for requests with cookies, unless the policy says which of them matter", () => {
    const request = { fields: ["Cookie", "session=1"] };
    expect(freshness({ policy, request })).toEqual(["none", 0]);
    expect(freshness({ policy: { ...policy, key: { cookies: [] } }, request })).toEqual(["default", 300]);
  });
});

describe("the age on arrival (RFC 9111 §4.2.3)", () => {
  function age(changes: ResponseChanges): number {
    const fields = ["Cache-Control", "max-age=9999", ...(changes.fields ?? [])];
    return NOW - anEntry("", { ...changes, fields }).bornAt;
  }

  test.each<[string, ResponseChanges, number]>([
    ["none", {}, 0],
    ["Age", { fields: ["Age", "30"] }, 30_000],
    ["Age and the time that the answer took", { fields: ["Age", "30"], requestTime: NOW - 2500 }, 32_500],
    ["the time since Date", { fields: ["Date", httpDate(-50), "Age", "30"] }, 50_000],
    ["a Date to come is no age", { fields: ["Date", httpDate(50)] }, 0],
  ])("%s", (_name, changes, expected) => expect(age(changes)).toBe(expected));

  test("less than a second after Date is no age, for Date has no parts of a second", () => {
    const response = { fields: ["Cache-Control", "max-age=1", "Date", httpDate(0)] };
    const times = { requestTime: NOW + 999, responseTime: NOW + 999 };
    expect(anEntry("", { ...response, ...times }).bornAt).toBe(NOW + 999);
  });
});

describe("as time goes on", () => {
  const seconds = fc.integer({ min: 0, max: 4000 });

  test("freshness never grows, and what is stale never gets fresh", () => {
    const response = fc.record({ maxAge: seconds, age: seconds, date: seconds, swr: seconds });
    forAll(response, seconds, seconds, ({ maxAge, age, date, swr }, first, later) => {
      const cacheControl = `max-age=${maxAge}, stale-while-revalidate=${swr}`;
      const entry = anEntry("", {
        fields: ["Cache-Control", cacheControl, "Age", String(age), "Date", httpDate(-date), "ETag", '"a"'],
      });
      const request = aRequest();
      const at = (time: number) =>
        planLookup(request, readDemands([], aResponse().policy), [entry], NOW + time * SECOND);
      const order = ["hit", "stale", "revalidate"];
      return order.indexOf(at(first).kind) <= order.indexOf(at(first + later).kind);
    });
  });

  test("what is served fresh is younger than its lifetime", () => {
    forAll(seconds, seconds, seconds, (maxAge, age, after) => {
      const input: ResponseInput = aResponse({
        fields: ["Cache-Control", `max-age=${maxAge}`, "Age", String(age), "ETag", "x"],
      });
      const entry = anEntry("", { fields: [...input.fields] });
      const plan = planLookup(input.request, input.demands, [entry], NOW + after * SECOND);
      return (plan.kind === "hit") === age + after < maxAge;
    });
  });
});

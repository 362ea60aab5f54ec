import { planStale, readDemands, type UpstreamFailure } from "../src/index.ts";
import { anEntry, aResponse, NOW, SECOND } from "./support.ts";

const GONE: UpstreamFailure = { kind: "disconnect" };
const ERROR: UpstreamFailure = { kind: "status", status: 503 };

/** What becomes of an entry, fresh for 10 s and kept for 100 s more, after a failure so many seconds after it came. */
function outcome(cacheControl: string, failure: UpstreamFailure, at: number, asked?: string): string {
  const entry = anEntry("x", {
    policy: { keep: 100 * SECOND },
    fields: ["Cache-Control", cacheControl, "ETag", '"a"'],
  });
  const fields = asked === undefined ? [] : ["Cache-Control", asked];
  const plan = planStale(entry, readDemands(fields, aResponse().policy), failure, NOW + at * SECOND);
  return plan.kind === "serve" ? `${plan.why} ${plan.age / SECOND} ${plan.ttl / SECOND}` : plan.reason;
}

describe("when upstream cannot be reached", () => {
  test.each<[string, number, string]>([
    ["max-age=10", 20, "disconnect 20 -10"],
    ["max-age=10", 109, "disconnect 109 -99"],
    ["max-age=10", 110, "too-old"],
    ["max-age=10, must-revalidate", 20, "forbidden"],
    ["max-age=10, proxy-revalidate", 20, "forbidden"],
    ["max-age=10, no-cache", 20, "forbidden"],
    ["max-age=10, no-cache", 5, "forbidden"],
    ["max-age=10, s-maxage=10", 20, "forbidden"],
    ["max-age=10, s-maxage=10, stale-if-error=20", 20, "stale-if-error 20 -10"],
    ["max-age=10, stale-if-error=20", 20, "stale-if-error 20 -10"],
    ["max-age=10, stale-if-error=5", 20, "disconnect 20 -10"],
    ["max-age=10, must-revalidate, stale-if-error=20", 20, "forbidden"],
  ])("%s at %d s: %s", (cacheControl, at, expected) => expect(outcome(cacheControl, GONE, at)).toBe(expected));
});

describe("when upstream answers with an error", () => {
  test.each<[string, number, string]>([
    ["max-age=10", 20, "too-old"],
    ["max-age=10, stale-if-error=20", 29, "stale-if-error 29 -19"],
    ["max-age=10, stale-if-error=20", 30, "too-old"],
    ["max-age=10, no-cache, stale-if-error=20", 20, "forbidden"],
  ])("%s at %d s: %s", (cacheControl, at, expected) => expect(outcome(cacheControl, ERROR, at)).toBe(expected));

  test.each<[number, string]>([
    [500, "stale-if-error 20 -10"],
    [502, "stale-if-error 20 -10"],
    [504, "stale-if-error 20 -10"],
    [501, "not-an-error"],
    [404, "not-an-error"],
    [200, "not-an-error"],
  ])("%d", (status, expected) => {
    expect(outcome("max-age=10, stale-if-error=20", { kind: "status", status }, 20)).toBe(expected);
  });
});

describe("the request has a say", () => {
  test("it may allow a stale answer itself (RFC 5861 §4)", () => {
    expect(outcome("max-age=10", ERROR, 20, "stale-if-error=11")).toBe("stale-if-error 20 -10");
    expect(outcome("max-age=10", ERROR, 20, "stale-if-error=10")).toBe("too-old");
  });

  test("with no-cache it takes none", () => {
    expect(outcome("max-age=10, stale-if-error=20", GONE, 20, "no-cache")).toBe("request-no-cache");
  });

  test("what was only not new enough for it is still fresh", () => {
    expect(outcome("max-age=10", ERROR, 5, "max-age=1")).toBe("fresh 5 5");
  });
});

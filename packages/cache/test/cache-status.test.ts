import {
  type CacheOutcome,
  cacheStatus,
  type LookupPlan,
  type StoredEntry,
  tellBypass,
  tellForward,
  tellHit,
  xCache,
} from "../src/index.ts";
import { anEntry, SECOND } from "./support.ts";

describe("Cache-Status and X-Cache", () => {
  test.each<[CacheOutcome, string, string]>([
    [{ kind: "hit", ttl: 243_999 }, "headgate; hit; ttl=243", "HIT"],
    [{ kind: "hit", ttl: -5 * SECOND }, "headgate; hit; ttl=-5", "STALE"],
    [{ kind: "hit", ttl: -1, detail: "max-stale" }, "headgate; hit; ttl=-1; detail=max-stale", "STALE"],
    [{ kind: "hit", ttl: 1000, key: 'http://h/"' }, 'headgate; hit; ttl=1; key="http://h/\\""', "HIT"],
    [{ kind: "forward", fwd: "uri-miss", stored: true }, "headgate; fwd=uri-miss; stored", "MISS"],
    [{ kind: "forward", fwd: "uri-miss", stored: false, collapsed: true }, "headgate; fwd=uri-miss; collapsed", "MISS"],
    [{ kind: "forward", fwd: "bypass", detail: "no-store" }, "headgate; fwd=bypass; detail=no-store", "BYPASS"],
    [{ kind: "forward", fwd: "method" }, "headgate; fwd=method", "BYPASS"],
    [{ kind: "forward", fwd: "miss", detail: "it's odd" }, 'headgate; fwd=miss; detail="it\'s odd"', "MISS"],
    [
      { kind: "forward", fwd: "stale", fwdStatus: 304, served: "revalidated", ttl: 5000, stored: true },
      "headgate; fwd=stale; fwd-status=304; ttl=5; stored",
      "REVALIDATED",
    ],
    [
      { kind: "forward", fwd: "stale", fwdStatus: 503, served: "stale", ttl: -1000, key: "k" },
      'headgate; fwd=stale; fwd-status=503; ttl=-1; key="k"',
      "STALE",
    ],
    [{ kind: "refused", detail: "only-if-cached" }, "headgate; detail=only-if-cached", "MISS"],
  ])("%j", (outcome, status, x) => {
    expect(cacheStatus(outcome)).toBe(status);
    expect(xCache(outcome)).toBe(x);
  });

  test("of however many details there are, each is told, the first time and again", () => {
    const details = Array.from({ length: 300 }, (_, at) => `because-${at}`);
    const tellAll = () => details.map((detail) => cacheStatus({ kind: "forward", fwd: "bypass", detail }));
    const all = details.map((detail) => `headgate; fwd=bypass; detail=${detail}`);
    expect([tellAll(), tellAll()]).toEqual([all, all]);
    expect(cacheStatus({ kind: "forward", fwd: "request", detail: "because-1" })).toBe(
      "headgate; fwd=request; detail=because-1",
    );
  });
});

describe("plans are told", () => {
  const entry: StoredEntry = anEntry("x", { fields: ["ETag", '"a"'] });
  const miss = (why: Extract<LookupPlan, { kind: "miss" }>["why"]): string => {
    const { fwd, detail } = tellForward({ kind: "miss", why, fallback: undefined });
    return detail === undefined ? fwd : `${fwd} ${detail}`;
  };

  test("why a request went upstream", () => {
    expect(miss("uri-miss")).toBe("uri-miss");
    expect(miss("vary-miss")).toBe("vary-miss");
    expect(miss("partial-miss")).toBe("partial");
    expect(miss("identity-miss")).toBe("miss identity-miss");
    expect(miss("cookie-miss")).toBe("miss cookie-miss");
    expect(miss("stale")).toBe("stale");
    expect(miss("no-cache")).toBe("stale no-cache");
    expect(miss("request-no-cache")).toBe("request request-no-cache");
    expect(miss("request-max-age")).toBe("request request-max-age");
    expect(miss("request-min-fresh")).toBe("request request-min-fresh");
    expect(tellForward({ kind: "complete", entry, ask: [] })).toEqual({ fwd: "partial", detail: undefined });
  });

  test("why the cache took no part", () => {
    expect(tellBypass("method")).toEqual({ fwd: "method", detail: undefined });
    expect(tellBypass("no-store")).toEqual({ fwd: "bypass", detail: "no-store" });
  });

  test("that it answered", () => {
    expect(tellHit({ kind: "hit", entry, age: 0, ttl: 5 })).toEqual({ kind: "hit", ttl: 5 });
    const stale = { kind: "stale", entry, age: 0, ttl: -5, why: "max-stale", revalidate: false } as const;
    expect(tellHit(stale)).toEqual({ kind: "hit", ttl: -5, detail: "max-stale" });
  });
});

import { StickyTokens } from "@headgate/balancer";
import { type FieldList, FieldSection } from "@headgate/http";
import { balance } from "../../src/layers/balance.ts";
import { sticky } from "../../src/layers/sticky.ts";
import { Sessions } from "../../src/upstream/sessions.ts";
import { anExchange, aResponse } from "./support/exchanges.ts";
import { aRequest, backendId, PLAIN_RULES, TestClock, TestPool } from "./support/upstream.ts";

const tokens = new StickyTokens("a secret", "default");
tokens.replace([8000, 8001].map(backendId));
const sessions = new Sessions(tokens, { name: "hg", lifetime: 60_000 });
const token = (port: number): string => tokens.tokenOf(backendId(port));

/** A pool of two backends that answer at once and keep sessions. */
function stickyPool(): TestPool {
  const pool = new TestPool([8000, 8001], (driven) => void driven.start().head(200).end());
  pool.rules = { ...PLAIN_RULES, sessions };
  return pool;
}

function exchangeOf(fields: FieldList, pool = stickyPool(), scheme: "http" | "https" = "http") {
  const exchange = anExchange({ fields, scheme });
  exchange.pool = pool;
  void sticky().enter?.(exchange);
  return exchange;
}

/** Makes one attempt for a session that is pinned to `pinned`, and gives what it is pinned to then. */
async function attempt(pool: TestPool, pinned: number | null, tried: number[] | null = null) {
  const session = { pinned: pinned === null ? undefined : backendId(pinned), assigned: null };
  const request = aRequest({ pool, session });
  const tryOnce = balance({ clock: new TestClock(), random: () => 0 });
  const { backend } = await tryOnce(request, tried?.map(backendId) ?? null);
  return [backend, session.assigned];
}

describe("the cookie of a request", () => {
  test.each<[string, FieldList, number | null, FieldList]>([
    ["is the session's, and goes no further", ["Cookie", `hg=${token(8001)}`], 8001, []],
    ["is taken out from among others", ["Cookie", `a=1; hg=${token(8000)}; b=2`], 8000, ["Cookie", "a=1; b=2"]],
    [
      "may stand in any line",
      ["Cookie", "a=1", "X", "y", "Cookie", `hg=${token(8000)}`],
      8000,
      ["X", "y", "Cookie", "a=1"],
    ],
    ["of a backend that is gone or of nobody's making pins to none", ["Cookie", "hg=forged"], null, []],
    ["that is not there leaves all as it is", ["Cookie", "a=1;b=2", "X", "y"], null, ["Cookie", "a=1;b=2", "X", "y"]],
  ])("%s", (_name, fields, pinned, left) => {
    const { session, head } = exchangeOf([...fields]);
    expect(session).toEqual({ pinned: pinned === null ? undefined : backendId(pinned), assigned: null });
    expect(head.fields.slice(head.fields[0] === "Host" ? 2 : 0)).toEqual(left);
  });

  test("is found in each request of a connection that sends the same fields again, and never changes what they share", () => {
    const section = new FieldSection(["Host", "a", "Cookie", `a=1; hg=${token(8001)}`]);
    const sessions = [1, 2].map(() => {
      const exchange = anExchange({ section });
      exchange.pool = stickyPool();
      void sticky().enter?.(exchange);
      expect(exchange.head.section.list).toEqual(["Host", "a", "Cookie", "a=1"]);
      return exchange.session?.pinned;
    });
    expect(sessions).toEqual([backendId(8001), backendId(8001)]);
    expect(section.list[3]).toContain("hg=");
  });

  test("is no concern of a pool without sessions", () => {
    const fields = ["Cookie", `hg=${token(8001)}`];
    const { session, head } = exchangeOf(fields, new TestPool([]));
    expect([session, head.fields.slice(2)]).toEqual([null, fields]);
  });
});

describe("the cookie of a response", () => {
  test.each([
    ["http", ""],
    ["https", "; Secure"],
  ] as const)("over %s pins the client", (scheme, secure) => {
    const exchange = exchangeOf([], stickyPool(), scheme);
    if (exchange.session !== null) exchange.session.assigned = backendId(8000);
    const response = aResponse({ fields: ["Set-Cookie", "own=1"] });
    void sticky().leave?.(exchange, response);
    const value = `hg=${token(8000)}; Path=/; Max-Age=60; HttpOnly${secure}; SameSite=Lax`;
    expect(response.fields).toEqual(["Set-Cookie", "own=1", "Set-Cookie", value]);
  });

  test("is Secure by the config's word, whatever the scheme", () => {
    const secure = new Sessions(tokens, { name: "hg", secure: true, sameSite: "None" });
    expect(secure.pin(backendId(8000), "http")).toMatch(/; HttpOnly; Secure; SameSite=None$/);
  });

  test("is not set where the session stays, or where none is kept", () => {
    for (const exchange of [exchangeOf([]), exchangeOf([], new TestPool([]))]) {
      const response = aResponse();
      void sticky().leave?.(exchange, response);
      expect(response.fields).toEqual([]);
    }
  });
});

describe("a session", () => {
  test("without a backend is pinned to the one that answers", async () => {
    expect(await attempt(stickyPool(), null)).toEqual(["127.0.0.1:8000", "127.0.0.1:8000"]);
  });

  test("goes to its backend, though another's turn it is, and stays", async () => {
    for (let i = 0; i < 3; i++) expect(await attempt(stickyPool(), 8001)).toEqual(["127.0.0.1:8001", null]);
  });

  test.each<[string, (pool: TestPool) => void]>([
    ["is gone", ({ balancer }) => void balancer.remove(backendId(8001))],
    ["is unreachable", ({ balancer }) => balancer.setAvailable(backendId(8001), false)],
    ["is ejected", ({ balancer }) => balancer.setEjected(backendId(8001), true)],
  ])("whose backend %s is handed over and pinned anew", async (_name, change) => {
    const pool = stickyPool();
    change(pool);
    expect(await attempt(pool, 8001)).toEqual(["127.0.0.1:8000", "127.0.0.1:8000"]);
  });

  test("whose backend drains keeps it", async () => {
    const pool = stickyPool();
    pool.balancer.setDraining(backendId(8001), true);
    expect(await attempt(pool, 8001)).toEqual(["127.0.0.1:8001", null]);
    expect(await attempt(pool, null)).toEqual(["127.0.0.1:8000", "127.0.0.1:8000"]);
  });

  test("whose backend is full is served elsewhere this once", async () => {
    const pool = stickyPool();
    pool.balancer.add({ id: backendId(8001), url: "http://127.0.0.1:8001", maxActive: 0 });
    expect(await attempt(pool, 8001)).toEqual(["127.0.0.1:8000", null]);
  });

  test("whose backend failed this request is handed over", async () => {
    expect(await attempt(stickyPool(), 8001, [8001])).toEqual(["127.0.0.1:8000", "127.0.0.1:8000"]);
  });
});

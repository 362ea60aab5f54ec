import { askJson } from "./support/http-client.ts";
import type { LedgerBackend } from "./support/ledger-backend.ts";
import { eventually } from "./support/raw-client.ts";
import { PATIENCE, scenes } from "./support/scene.ts";

const scene = scenes();

/** A client that keeps the cookie it is given, as a browser does. */
class Browser {
  cookie: string;
  /** How often it was given one. */
  given = 0;

  constructor(cookie = "") {
    this.cookie = cookie;
  }

  /** The backend that answers it. */
  async visit(): Promise<string> {
    const headers = this.cookie === "" ? {} : { Cookie: this.cookie };
    const { status, headers: got } = await scene.ask("/run", { headers });
    expect(status).toBe(200);
    const [set] = got["set-cookie"] ?? [];
    if (set !== undefined) {
      this.given++;
      this.cookie = set.split(";", 1)[0] ?? "";
    }
    return String(got["x-backend-server"]);
  }

  /** The backends that answer so many visits. */
  async visits(count: number): Promise<Set<string>> {
    const met = new Set<string>();
    for (let visit = 0; visit < count; visit++) met.add(await this.visit());
    return met;
  }
}

async function start(): Promise<LedgerBackend[]> {
  const backends = await scene.backends(4, { moment: 1 });
  await scene.start(backends, { sticky: { cookie: "hg_backend", lifetime: "1h" } });
  return backends;
}

const at = (backends: readonly LedgerBackend[], id: string): LedgerBackend => {
  const found = backends.find((backend) => backend.id === id);
  if (found === undefined) throw new Error(`no backend ${id}`);
  return found;
};

test("the cookie is set once, with its attributes, and fifty requests stay where the first went", async () => {
  await start();
  const { headers } = await scene.ask("/run");
  expect(headers["set-cookie"]).toEqual([
    expect.stringMatching(/^hg_backend=[^;]+; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/i),
  ]);
  const browser = new Browser();
  const home = await browser.visit();
  expect([await browser.visits(50), browser.given]).toEqual([new Set([home]), 1]);
});

test("where the backend dies the session moves once, and stays there when that returns", async () => {
  const backends = await start();
  const browser = new Browser();
  const home = at(backends, await browser.visit());
  await home.kill();
  const refuge = await browser.visit();
  expect(refuge).not.toBe(home.id);
  expect([await browser.visits(20), browser.given]).toEqual([new Set([refuge]), 2]);
  await home.start();
  await scene.until(home, "it is back", ({ state, ejected }) => state === "HEALTHY" && !ejected);
  await eventually(async () => (await new Browser().visit()) === home.id, "it serves others", PATIENCE);
  expect([await browser.visits(20), browser.given]).toEqual([new Set([refuge]), 2]);
});

test("a draining backend keeps its sessions, and gets no new ones", async () => {
  const backends = await start();
  const browser = new Browser();
  const home = at(backends, await browser.visit());
  const { status } = await askJson(`${scene.gateway.admin}/api/pools/default/backends/${home.id}/drain`, "POST");
  expect(status).toBe(200);
  expect([await browser.visits(20), browser.given]).toEqual([new Set([home.id]), 1]);
  for (let other = 0; other < 12; other++) expect(await new Browser().visit()).not.toBe(home.id);
});

test("a cookie that the gateway did not sign pins nobody, and is replaced", async () => {
  const backends = await start();
  const [victim] = backends as [LedgerBackend];
  const honest = new Browser();
  await honest.visit();
  const forged = [`hg_backend=${victim.id}`, `${honest.cookie.slice(0, -1)}${honest.cookie.endsWith("A") ? "B" : "A"}`];
  for (const cookie of forged) {
    const met = new Set<string>();
    for (let visit = 0; visit < 8; visit++) {
      const forger = new Browser(cookie);
      met.add(await forger.visit());
      expect(forger.given).toBe(1);
    }
    expect(met.size).toBe(4);
  }
});

import { askJson } from "./support/http-client.ts";
import type { LedgerBackend } from "./support/ledger-backend.ts";
import type { LoadRequest } from "./support/open-load.ts";
import { RPS, scenes } from "./support/scene.ts";

const scene = scenes();

/** Every other one is a POST. */
function mixed(id: string): LoadRequest {
  if (Number(id.slice(3)) % 2 === 0) return { method: "GET", path: `/run?id=${id}` };
  return { method: "POST", path: "/run", headers: { "Content-Type": "text/plain" }, body: id };
}

test("each of four backends is drained, restarted and enabled: nothing fails, and every POST runs exactly once", async () => {
  const backends = await scene.backends(4);
  const { admin } = await scene.start(backends);
  const change = async ({ id }: LedgerBackend, what: "drain" | "enable"): Promise<void> => {
    const { status } = await askJson(`${admin}/api/pools/default/backends/${id}/${what}`, "POST");
    expect(status).toBe(200);
  };
  const load = scene.load(mixed);
  await load.goesOn(RPS / 2);
  for (const backend of backends) {
    await change(backend, "drain");
    await scene.until(backend, "nothing runs there", ({ active }) => active === 0);
    await backend.kill();
    await backend.start();
    await change(backend, "enable");
    const before = load.servedBy(backend.id);
    await scene.until(backend, "it serves", () => load.servedBy(backend.id) > before);
  }
  await load.stop();
  expect(load.failures).toEqual([]);
  expect(load.outcomes).toHaveLength(load.sent);
  const posts = scene.runs("POST");
  expect(posts.size).toBe(Math.floor(load.sent / 2));
  expect([...posts].filter(([, by]) => by.length !== 1)).toEqual([]);
});

import { ask } from "./support/http-client.ts";
import type { LedgerBackend } from "./support/ledger-backend.ts";
import type { OpenLoad } from "./support/open-load.ts";
import { RPS, scenes } from "./support/scene.ts";

const scene = scenes();

/** What a backend takes, ms. */
const MOMENT = 20;

/** How many hedges ended so; all, where no outcome is given. */
async function hedges(outcome = ""): Promise<number> {
  const { text } = await ask(`${scene.gateway.admin}/metrics`);
  const lines = text.split("\n").filter((line) => line.startsWith("headgate_hedges_total{") && line.includes(outcome));
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** A load on four backends of which the last is slow from then on when the pool knows how long requests take. */
async function slows(moment: number, retries: object): Promise<[OpenLoad, LedgerBackend, number]> {
  const backends = await scene.backends(4, { moment: MOMENT });
  const slow = backends[3] as LedgerBackend;
  await scene.start(backends, { hedging: true, retries });
  const load = scene.load();
  await load.goesOn(RPS);
  await slow.behave({ moment });
  const known = load.sent;
  await load.goesOn(RPS * 2);
  await load.stop();
  return [load, slow, known];
}

test("requests at a slow backend are sent to another as well: its tail is cut, and it hears that its own answer is not wanted", async () => {
  const [load, slow, known] = await slows(10_000, { budget: "100%" });
  const since = load.outcomes.filter(({ id }) => Number(id.slice(3)) >= known);
  expect(load.failures).toEqual([]);
  // A quarter of the requests meets the slow one first.
  expect(load.quantile(0.9, since)).toBeLessThan(5000);
  expect(since.filter(({ backend }) => backend === slow.id).length / since.length).toBeLessThan(0.05);
  expect(await hedges('outcome="ok"')).toBeGreaterThan(RPS / 4);
  const cancelled = [...scene.runs("cancelled").values()].flat();
  expect(cancelled.filter((by) => by === slow.id).length).toBeGreaterThan(RPS / 4);
});

test("hedges stay within the retry budget", async () => {
  const [load] = await slows(1000, { budget: "5%", reserve: 0 });
  expect(load.failures).toEqual([]);
  const made = await hedges();
  expect(made).toBeGreaterThan(0);
  expect(made).toBeLessThanOrEqual(0.05 * load.sent);
});

test("a POST is never hedged", async () => {
  const backends = await scene.backends(2, { moment: MOMENT });
  await scene.start(backends, { hedging: true });
  const load = scene.load(
    (id) => ({ method: Number(id.slice(3)) % 2 === 0 ? "POST" : "GET", path: `/run?id=${id}` }),
    RPS / 2,
  );
  await load.goesOn(RPS);
  await backends[1]?.behave({ moment: 300 });
  const posts = await Promise.all(
    Array.from({ length: 10 }, (_, id) => scene.ask(`/run?id=post-${id}`, { method: "POST" })),
  );
  await load.stop();
  expect(posts.map(({ status }) => status)).toEqual(posts.map(() => 200));
  expect([...scene.runs("POST")].filter(([, by]) => by.length !== 1)).toEqual([]);
});

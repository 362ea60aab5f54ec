import { RPS, Scene } from "./support/scene.ts";

/** What a backend takes, and what the slow one takes: so much that a busy machine cannot hide it, ms. */
const MOMENT = 20;
const SLOW = 20 * MOMENT;

const scene = new Scene();
afterAll(() => scene.stop());

beforeAll(async () => {
  const backends = await scene.backends(4, { moment: MOMENT });
  await backends[3]?.behave({ moment: SLOW });
  const urls = backends.map(({ id }) => `http://${id}`);
  const pools = {
    without: { backends: urls.slice(0, 3), balancing: "peak-ewma" },
    ewma: { backends: urls, balancing: "peak-ewma" },
    rounds: { backends: urls, balancing: "round-robin" },
  };
  const routes = Object.keys(pools).map((pool) => ({ path: `/${pool}`, pool, auth: "none" as const }));
  await scene.startPools(pools, { routes });
});

/** The p99 that clients of a pool see once it knows its backends, ms. */
async function p99(pool: string): Promise<number> {
  const load = scene.load((id) => ({ method: "GET", path: `/${pool}?id=${id}` }));
  await load.goesOn(RPS);
  const known = load.sent;
  await load.goesOn(RPS * 2);
  await load.stop();
  expect(load.failures).toEqual([]);
  return load.quantile(
    0.99,
    load.outcomes.filter(({ id }) => Number(id.slice(3)) >= known),
  );
}

test("one of four is twenty times slower: with peak EWMA p99 stays within twice that without it, with round robin it is the slow one's", async () => {
  const [without, ewma, rounds] = [await p99("without"), await p99("ewma"), await p99("rounds")];
  expect(ewma).toBeLessThan(2 * without);
  expect(rounds).toBeGreaterThan(SLOW);
}, 30_000);

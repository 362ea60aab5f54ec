import type { OpenLoad, Outcome } from "./support/open-load.ts";
import { RPS, scenes } from "./support/scene.ts";

const scene = scenes();

/** What a backend takes, and what the slow one takes, ms. */
const MOMENT = 20;
const SLOW = 20 * MOMENT;

const POOLS = ["without", "ewma", "rounds"] as const;
type PoolName = (typeof POOLS)[number];

/** Which pool a request is for: they take turns, so that whatever else slows this machine down slows all of them. */
const poolOf = (id: string): PoolName => POOLS[Number(id.slice(3)) % POOLS.length] ?? "without";

test("one of four is twenty times slower: with peak EWMA p99 stays within twice that without it, and round robin's is the slow one's", async () => {
  const backends = await scene.backends(4, { moment: MOMENT });
  await backends[3]?.behave({ moment: SLOW });
  const urls = backends.map(({ id }) => `http://${id}`);
  const pools = {
    without: { backends: urls.slice(0, 3), balancing: "peak-ewma" },
    ewma: { backends: urls, balancing: "peak-ewma" },
    rounds: { backends: urls, balancing: "round-robin" },
  };
  const routes = POOLS.map((pool) => ({ path: `/${pool}`, pool, auth: "none" as const }));
  await scene.startPools(pools, { routes });
  const load = scene.load((id) => ({ method: "GET", path: `/${poolOf(id)}?id=${id}` }));
  // Until each pool knows its backends.
  await load.goesOn(RPS);
  let [without, ewma, rounds] = await tails(load);
  // Where something else holds this machine up, all backends look slow for a while and any of them is tried.
  for (let again = 0; again < 3 && ewma >= 2 * without; again++) [without, ewma, rounds] = await tails(load);
  await load.stop();
  expect(load.failures).toEqual([]);
  expect(ewma).toBeLessThan(2 * without);
  expect(rounds).toBeGreaterThanOrEqual(SLOW);
});

/** Each pool's p99 over the next four seconds' requests, ms. */
async function tails(load: OpenLoad): Promise<[number, number, number]> {
  const known = load.sent;
  await load.goesOn(RPS * 4);
  const since = load.outcomes.filter(({ id }) => Number(id.slice(3)) >= known);
  const of = (pool: PoolName): Outcome[] => since.filter(({ id }) => poolOf(id) === pool);
  return POOLS.map((pool) => load.quantile(0.99, of(pool))) as [number, number, number];
}

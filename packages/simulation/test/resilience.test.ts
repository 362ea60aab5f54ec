import { createPolicy, Pool } from "@headgate/balancer";
import { backends, run, scenario } from "./scenarios.ts";

const RETRY_ON_503 = { count: 2, statuses: new Set([503]) };
const ALL_FAIL = backends(4, () => ({ faults: [{ kind: "errors", share: 1, status: 503, after: 2, checks: false }] }));

describe("a retry storm", () => {
  const storm = (budget: object, more: object = {}) =>
    scenario({
      backends: ALL_FAIL,
      pool: { outlier: null, retries: { ...RETRY_ON_503, budget }, ...more },
    });

  test("stays within 20 % and the reserve of ten a second", async () => {
    const { exchanges, attempts, retries, failed } = await run("round-robin", storm({}));
    expect(failed).toBe(exchanges);
    expect(attempts).toBe(exchanges + retries);
    const reserve = 10 * (60 + 10);
    expect(attempts).toBeLessThanOrEqual(1.2 * exchanges + reserve);
    expect(retries).toBeGreaterThan(0.2 * exchanges);
  });

  test("without a reserve within the share alone, with hedges too", async () => {
    for (const share of [0, 0.05, 0.2]) {
      const budget = { share, minPerSecond: 0 };
      const { exchanges, attempts } = await run("power-of-two", storm(budget, { hedging: true }));
      expect(attempts).toBeLessThanOrEqual((1 + share) * exchanges);
    }
  });

  test("would be three times the load without a budget", async () => {
    const { exchanges, attempts } = await run("round-robin", storm({ share: 1, minPerSecond: 10_000 }));
    expect(attempts).toBe(3 * exchanges);
  });

  test("a breaker turns most of it away", async () => {
    const { exchanges, attempts, failures } = await run("round-robin", storm({}, { breaker: {} }));
    expect(attempts).toBeLessThan(0.05 * exchanges);
    expect(failures.get("circuit-open")).toBeGreaterThan(0.9 * exchanges);
  });
});

test("overload: retries of what times out do not multiply it", async () => {
  const load = scenario({
    arrivals: { process: "poisson", rate: 600, duration: 30_000 },
    backends: backends(4, () => ({ concurrency: 1 })),
    pool: { timeouts: { head: 500 } },
  });
  const { exchanges, attempts, retries } = await run("round-robin", load);
  expect(retries).toBeGreaterThan(0);
  expect(attempts).toBeLessThanOrEqual(1.2 * exchanges + 10 * 40);
});

describe("ejection", () => {
  test.each([
    [20, 0.1, 2],
    [20, 0.5, 10],
    [4, 0.1, 1],
    [7, 0.3, 2],
    [3, 1, 2],
  ])("of %i backends that all fail and a share of %d holds %i at most", async (count, maxEjected, most) => {
    const faults = [{ kind: "errors", share: 0.9, status: 502, checks: false }] as const;
    const load = scenario({ pool: { outlier: { maxEjected } }, backends: backends(count, () => ({ faults })) });
    const { mostEjected } = await run("round-robin", load);
    expect(mostEjected).toBe(most);
  });

  test("of the one that fails keeps its errors from most clients", async () => {
    const faults = [{ kind: "errors", share: 1, status: 502, checks: true }] as const;
    const one = backends(4, (index) => (index === 0 ? { faults } : {}));
    const watched = await run("round-robin", scenario({ backends: one, pool: { health: null } }));
    const not = await run("round-robin", scenario({ backends: one, pool: { health: null, outlier: null } }));
    expect(watched.failed * 50).toBeLessThan(not.failed);
  });
});

describe("hedging", () => {
  test("takes the tail off, within the budget", async () => {
    const load = (hedging: boolean) =>
      scenario({ service: { distribution: "pareto", mean: 10, alpha: 1.5 }, pool: { hedging } });
    const [with_, without] = [await run("round-robin", load(true)), await run("round-robin", load(false))];
    expect(with_.latency.p99 * 1.5).toBeLessThan(without.latency.p99);
    expect(with_.hedges).toBeGreaterThan(0.02 * with_.exchanges);
    expect(with_.hedges).toBeLessThan(0.1 * with_.exchanges);
    expect(with_.failed).toBe(0);
  });
});

describe("limits", () => {
  const load = (maxWait: number) =>
    scenario({
      arrivals: { process: "poisson", rate: 300, duration: 20_000 },
      service: { distribution: "exponential", mean: 40 },
      pool: { limit: () => ({ limit: 10 }), queue: { capacity: 20, maxWait } },
    });

  test("are held; what finds no room in line or in time fails", async () => {
    let most = 0;
    const active = new Map<object, number>();
    const { failed, failures, exchanges } = await run("round-robin", load(1000), (backend) => {
      active.set(backend, 0);
      most = Math.max(
        most,
        [...active.keys()].reduce((sum: number, each) => sum + Reflect.get(each, "active"), 0),
      );
    });
    expect(most).toBe(10);
    expect(failed).toBeGreaterThan(0.1 * exchanges);
    expect([...failures.keys()]).toEqual(["queue-full"]);
  });

  test("a short wait ends in time", async () => {
    const { failures, latency } = await run("round-robin", load(30));
    expect(failures.get("queue-timeout")).toBeGreaterThan(100);
    expect(latency.p50).toBeLessThan(100);
  });
});

describe.each(["ring", "maglev"] as const)("one of N backends that leaves, under a %s", (table) => {
  test.each([4, 10, 50])("N = %i: moves its own part of the keys and few others", (count) => {
    const pool = new Pool("test", createPolicy({ policy: "consistent-hash", table }));
    for (const options of backends(count)) pool.add(options);
    for (const { id } of pool.backends) pool.setAvailable(id, true);
    const owners = (): string[] =>
      Array.from({ length: 20_000 }, (_, index) => {
        const choice = pool.choose({ tried: null, now: 0, random: () => 0, hashKey: `user-${index}` });
        if (choice.kind === "none") throw new Error(`none: ${choice.reason}`);
        pool.release(choice.backend);
        return choice.backend.id;
      });
    const before = owners();
    const [gone] = pool.backends;
    if (gone !== undefined) pool.remove(gone.id);
    const after = owners();
    const moved = before.filter((id, index) => after[index] !== id).length / before.length;
    const own = before.filter((id) => id === gone?.id).length / before.length;
    expect(moved).toBeLessThanOrEqual(1 / count + 0.03);
    expect(moved - own).toBeLessThanOrEqual(table === "ring" ? 0 : 0.03);
    expect(own).toBeGreaterThan(0.5 / count);
  });
});

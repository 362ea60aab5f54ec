import type { Backend, PolicySpec } from "@headgate/balancer";
import { backends, run, scenario } from "./scenarios.ts";

const share = (counts: ReadonlyMap<string, number>, id: string): number => {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return (counts.get(id) ?? 0) / total;
};

describe("power of two", () => {
  const busy = (seed: number) =>
    scenario({
      seed,
      arrivals: { process: "poisson", rate: 9000, duration: 2000 },
      backends: backends(100, () => ({ concurrency: 1 })),
    });

  test.each([1, 2])("its longest line is far shorter than random's, at 90 %% load (seed %i)", async (seed) => {
    const [two, random] = [await run("power-of-two", busy(seed)), await run("random", busy(seed))];
    expect(two.mostActive * 4).toBeLessThan(random.mostActive);
    expect(two.latency.p99 * 3).toBeLessThan(random.latency.p99);
  });
});

describe.each(["ring", "maglev"] as const)("consistent hashing by %s", (table) => {
  test.each([1, 1.25, 2])(
    "with a bound of %d none ever has more in flight than it allows, though keys are hot",
    async (bound) => {
      const seen = new Set<Backend>();
      let worst = 0;
      const spec: PolicySpec = { policy: "consistent-hash", table, bound };
      const load = scenario({
        arrivals: { process: "poisson", rate: 2000, duration: 4000 },
        keys: { count: 1000, exponent: 1.2 },
        backends: backends(10),
      });
      await run(spec, load, (backend) => {
        seen.add(backend);
        const all = [...seen].reduce((sum, { active }) => sum + active, 0);
        worst = Math.max(worst, backend.active - Math.ceil((bound * all) / 10));
      });
      expect(seen.size).toBe(10);
      expect(worst).toBeLessThanOrEqual(0);
    },
  );

  test("without one a hot key goes where it belongs, however many there are", async () => {
    const load = scenario({ keys: { count: 1000, exponent: 1.5 }, backends: backends(10) });
    const { imbalance } = await run({ policy: "consistent-hash", table }, load);
    expect(imbalance).toBeGreaterThan(3);
  });
});

describe("peak EWMA", () => {
  const fast = backends(3);
  const slow = backends(4, (index) => (index === 3 ? { faults: [{ kind: "slow", factor: 20 }] } : {}));

  test.each([1, 2, 3])(
    "with one backend 20 times slower p99 stays within twice that without it; round robin's does not (seed %i)",
    async (seed) => {
      const p99 = async (policy: PolicySpec, list: typeof fast) =>
        (await run(policy, scenario({ seed, backends: list }))).latency.p99;
      const without = await p99("peak-ewma", fast);
      expect(await p99("peak-ewma", slow)).toBeLessThan(2 * without);
      expect(await p99("round-robin", slow)).toBeGreaterThan(5 * without);
    },
  );

  test("a backend that fails at once attracts nothing, as it does to least connections", async () => {
    const broken = scenario({
      pool: { outlier: null },
      backends: backends(4, (index) =>
        index === 0 ? { faults: [{ kind: "errors", share: 1, status: 500, after: 0.1, checks: false }] } : {},
      ),
    });
    expect(share((await run("peak-ewma", broken)).perBackend, "b0")).toBeLessThan(0.02);
    expect(share((await run("least-connections", broken)).perBackend, "b0")).toBeGreaterThan(0.4);
  });

  test("a backend that was slow gets its share again once it is not", async () => {
    const recovering = scenario({
      backends: backends(4, (index) => (index === 3 ? { faults: [{ kind: "slow", factor: 100, to: 5000 }] } : {})),
    });
    const late = new Map<string, number>();
    await run("peak-ewma", recovering, ({ id }, at) => {
      if (at > 50_000) late.set(id, (late.get(id) ?? 0) + 1);
    });
    expect(share(late, "b3")).toBeGreaterThan(0.15);
  });

  test("a new backend gets one attempt at a time until it has answered; least connections floods it", async () => {
    const joining = scenario({
      arrivals: { process: "poisson", rate: 1000, duration: 12_000 },
      service: { distribution: "constant", mean: 200 },
      backends: backends(4, (index) => (index === 0 ? { faults: [{ kind: "down", to: 10_000 }] } : {})),
    });
    const beforeAnswer = async (policy: PolicySpec): Promise<number> => {
      let most = 0;
      let first = Number.POSITIVE_INFINITY;
      await run(policy, joining, (backend, at) => {
        if (backend.id !== "b0") return;
        first = Math.min(first, at);
        if (at - first < 200) most = Math.max(most, backend.active);
      });
      expect(first).toBeGreaterThan(10_000);
      return most;
    };
    expect(await beforeAnswer("peak-ewma")).toBe(1);
    expect(await beforeAnswer("least-connections")).toBeGreaterThan(50);
  });
});

describe("weights", () => {
  const WEIGHTS = [5, 3, 2];
  const weighted = scenario({
    arrivals: { process: "constant", rate: 500, duration: 20_000 },
    keys: { count: 20_000, exponent: 0 },
    backends: backends(3, (index) => ({ weight: WEIGHTS[index] ?? 1 })),
  });

  test.each<[string, PolicySpec, number]>([
    ["round robin", "round-robin", 0.001],
    ["weighted round robin", "weighted-round-robin", 0.001],
    ["random", "random", 0.02],
    ["a ring", { policy: "consistent-hash" }, 0.06],
    ["maglev", { policy: "consistent-hash", table: "maglev" }, 0.03],
  ])("%s meets them", async (_, policy, tolerance) => {
    const { perBackend, imbalance } = await run(policy, weighted);
    WEIGHTS.forEach((weight, index) => {
      expect(Math.abs(share(perBackend, `b${index}`) - weight / 10)).toBeLessThan(tolerance);
    });
    expect(imbalance).toBeLessThan(1 + tolerance / 0.2);
  });

  test.each(["least-connections", "power-of-two"] as const)(
    "%s keeps attempts in flight by them when all are busy",
    async (policy) => {
      const busy = { ...weighted, service: { distribution: "constant", mean: 200 } as const };
      const sums = new Map<string, number>();
      const seen = new Set<Backend>();
      await run(policy, busy, (backend) => {
        seen.add(backend);
        for (const { id, active } of seen) sums.set(id, (sums.get(id) ?? 0) + active);
      });
      WEIGHTS.forEach((weight, index) => {
        expect(Math.abs(share(sums, `b${index}`) - weight / 10)).toBeLessThan(0.02);
      });
    },
  );
});

test("load aware follows what backends report: one of half the speed gets about half", async () => {
  const load = scenario({
    arrivals: { process: "poisson", rate: 300, duration: 120_000 },
    service: { distribution: "exponential", mean: 50 },
    backends: backends(4, (index) => ({ concurrency: 8, speed: index === 0 ? 0.5 : 1 })),
  });
  const { perBackend } = await run("load-aware", load);
  expect(share(perBackend, "b0")).toBeGreaterThan(0.1);
  expect(share(perBackend, "b0")).toBeLessThan(0.19);
});

test.each<[PolicySpec]>([
  ["round-robin"],
  ["weighted-round-robin"],
  ["random"],
  ["power-of-two"],
  ["least-connections"],
])("slow start: under %s a backend that returns rises to its share", async (policy) => {
  const load = scenario({
    arrivals: { process: "poisson", rate: 500, duration: 45_000 },
    service: { distribution: "exponential", mean: 30 },
    pool: { options: { slowStart: { window: 20_000 } } },
    backends: backends(4, (index) => (index === 0 ? { faults: [{ kind: "down", from: 5000, to: 10_000 }] } : {})),
  });
  let first = 0;
  const perSecond = new Map<number, [mine: number, all: number]>();
  await run(policy, load, ({ id }, at) => {
    if (id === "b0" && first === 0 && at > 9000) first = at;
    if (first === 0) return;
    const second = Math.floor((at - first) / 1000);
    const [mine, all] = perSecond.get(second) ?? [0, 0];
    perSecond.set(second, [mine + (id === "b0" ? 1 : 0), all + 1]);
  });
  const part = (from: number, to: number): number => {
    const counts = [...perSecond].filter(([second]) => second >= from && second < to).map(([, each]) => each);
    return counts.reduce((sum, [mine]) => sum + mine, 0) / counts.reduce((sum, [, all]) => sum + all, 0);
  };
  expect(part(0, 2)).toBeLessThan(0.12);
  expect(part(8, 12)).toBeGreaterThan(part(0, 2) * 1.3);
  expect(part(8, 12)).toBeLessThan(0.24);
  expect(part(21, 30)).toBeGreaterThan(0.23);
});

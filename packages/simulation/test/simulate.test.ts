import { PLAIN_POLICIES } from "@headgate/balancer";
import { backends, run, scenario } from "./scenarios.ts";

const TEN = { arrivals: { process: "poisson", rate: 300, duration: 10_000 } } as const;

describe("the same seed", () => {
  const eventful = (seed: number) =>
    scenario({
      ...TEN,
      seed,
      pool: { hedging: true, retries: { count: 2, statuses: new Set([503]), budget: {} } },
      backends: backends(4, (index) => ({
        concurrency: 2,
        faults: [
          { kind: "down", from: 1000 * (index + 1), to: 1000 * (index + 1) + 400, every: 5000 },
          { kind: "errors", share: 0.05, status: 503, checks: true },
        ],
      })),
    });

  test.each(PLAIN_POLICIES)("gives the same outcome again, another seed another: %s", async (policy) => {
    const first = await run(policy, eventful(1));
    expect(await run(policy, eventful(1))).toEqual(first);
    expect((await run(policy, eventful(2))).latency.mean).not.toBe(first.latency.mean);
  });

  test("gives every policy the same load", async () => {
    const counts = new Set<number>();
    for (const policy of PLAIN_POLICIES) counts.add((await run(policy, eventful(1))).exchanges);
    expect(counts.size).toBe(1);
  });
});

describe("arrivals", () => {
  test("constant ones come evenly, Poisson ones at random; both in the number asked for", async () => {
    const times = async (process: "constant" | "poisson"): Promise<number[]> => {
      const seen: number[] = [];
      await run("random", scenario({ arrivals: { process, rate: 100, duration: 30_000 } }), (_, at) => seen.push(at));
      return seen.slice(1).map((at, index) => at - (seen[index] ?? 0));
    };
    const even = await times("constant");
    expect(even).toHaveLength(2998);
    for (const gap of even) expect(gap).toBeCloseTo(10, 6);
    const random = await times("poisson");
    expect(Math.abs(random.length - 3000)).toBeLessThan(200);
    expect(random.filter((gap) => gap > 10).length / random.length).toBeCloseTo(1 / Math.E, 1);
  });

  test("recorded ones come as they did, with their own work", async () => {
    const list = [
      { at: 0, work: 5 },
      { at: 100, work: 50 },
      { at: 100, work: 7 },
    ];
    const { exchanges, latency } = await run("round-robin", scenario({ arrivals: { process: "recorded", list } }));
    expect(exchanges).toBe(3);
    expect(latency.max).toBeCloseTo(50, 6);
    expect(latency.mean).toBeCloseTo(62 / 3, 6);
  });

  test("recorded POSTs are not repeated once they were sent", async () => {
    const list = Array.from({ length: 100 }, (_, index) => ({
      at: index * 100,
      method: index % 2 === 0 ? "POST" : "GET",
    }));
    const load = scenario({
      arrivals: { process: "recorded", list },
      service: { distribution: "constant", mean: 1000 },
      backends: backends(4, (index) => ({
        faults: [{ kind: "down", from: 2000 + index * 500, to: 2100 + index * 500, every: 3000 }],
      })),
    });
    const { failed, failures } = await run("round-robin", load);
    expect(failed).toBeGreaterThan(5);
    expect([...failures.keys()]).toEqual(["reset"]);
  });
});

describe("service times", () => {
  test.each([
    { distribution: "constant", mean: 20 },
    { distribution: "exponential", mean: 20 },
    { distribution: "log-normal", mean: 20, sigma: 1 },
    { distribution: "pareto", mean: 20, alpha: 2.5 },
  ] as const)("$distribution have the mean that was asked for", async (service) => {
    const { latency } = await run(
      "random",
      scenario({ service, arrivals: { process: "constant", rate: 1000, duration: 40_000 } }),
    );
    expect(latency.mean).toBeGreaterThan(19);
    expect(latency.mean).toBeLessThan(21);
  });

  test("are shorter on a faster backend, and longer while it is slow", async () => {
    const service = { distribution: "constant", mean: 20 } as const;
    const fast = await run("random", scenario({ ...TEN, service, backends: backends(2, () => ({ speed: 4 })) }));
    expect(fast.latency.max).toBeCloseTo(5, 6);
    const slow = backends(1, () => ({ faults: [{ kind: "slow", factor: 3, from: 2000, to: 4000 }] }));
    const { latency } = await run("random", scenario({ ...TEN, service, backends: slow }));
    expect(latency.p50).toBeCloseTo(20, 6);
    expect(latency.max).toBeCloseTo(60, 6);
  });

  test("a line forms where more come than run side by side: M/M/1 has the mean wait that theory says", async () => {
    const load = scenario({
      arrivals: { process: "poisson", rate: 50, duration: 2_000_000 },
      backends: backends(1, () => ({ concurrency: 1 })),
      pool: { health: null, outlier: null },
    });
    const { latency } = await run("round-robin", load);
    // 1 / (mu - lambda) = 1 / (100 - 50) s.
    expect(latency.mean).toBeGreaterThan(19);
    expect(latency.mean).toBeLessThan(21);
  });
});

describe("faults", () => {
  test("a backend that goes down and returns: GETs are tried elsewhere, none fails", async () => {
    const faults = [{ kind: "down", from: 2000, to: 5000 }] as const;
    const load = scenario({ ...TEN, backends: backends(4, (index) => (index === 0 ? { faults } : {})) });
    const { failed, retries, perBackend } = await run("round-robin", load);
    expect(failed).toBe(0);
    expect(retries).toBeGreaterThan(0);
    expect(perBackend.get("b0")).toBeLessThan(0.8 * (perBackend.get("b1") ?? 0));
  });

  test("one that stalls: what waits there is tried elsewhere when checks find it UNREACHABLE", async () => {
    const faults = [{ kind: "stall", from: 2000 }] as const;
    const load = scenario({ ...TEN, backends: backends(4, (index) => (index === 0 ? { faults } : {})) });
    const { failed, retries, latency } = await run("round-robin", load);
    expect(failed).toBe(0);
    expect(retries).toBeGreaterThan(50);
    expect(latency.max).toBeLessThan(5000);
  });

  test("one that stalls for a moment goes on where it stopped", async () => {
    const load = scenario({
      arrivals: {
        process: "recorded",
        list: [
          { at: 0, work: 100 },
          { at: 80, work: 10 },
        ],
      },
      pool: { health: null },
      backends: backends(1, () => ({ faults: [{ kind: "stall", from: 50, to: 90 }] })),
    });
    const { latency } = await run("round-robin", load);
    expect(latency.max).toBeCloseTo(140, 6);
    expect(latency.p50).toBeCloseTo(20, 6);
  });

  test("all down: every exchange fails at once, and none after they return", async () => {
    const load = scenario({
      ...TEN,
      backends: backends(4, () => ({ faults: [{ kind: "down", from: 3000, to: 6000 }] })),
    });
    const { failed, exchanges, failures } = await run("round-robin", load);
    expect(failed / exchanges).toBeGreaterThan(0.29);
    expect(failed / exchanges).toBeLessThan(0.45);
    expect(failures.get("unavailable")).toBeGreaterThan(800);
  });

  test("one that never was up gets no exchange", async () => {
    const load = scenario({
      ...TEN,
      backends: backends(2, (index) => (index === 0 ? { faults: [{ kind: "down" }] } : {})),
    });
    const { failed, perBackend } = await run("random", load);
    expect(failed).toBe(0);
    expect(perBackend.get("b0")).toBe(0);
  });
});

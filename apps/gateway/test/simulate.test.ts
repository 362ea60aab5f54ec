import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { CommandContext } from "../src/cli/options.ts";
import { buildProgram } from "../src/cli/program.ts";
import { run } from "../src/cli/run.ts";
import { loadScenario } from "../src/config/scenario/load.ts";
import { type Folder, makeFolder } from "./config-files.ts";

const SCENARIOS = fileURLToPath(new URL("../../../docs/scenarios", import.meta.url));

let folder: Folder;
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => folder.remove());

async function simulate(...args: string[]) {
  const told: { out: string[]; err: string[] } = { out: [], err: [] };
  const context: CommandContext = {
    stdout: (text) => told.out.push(text),
    stderr: (text) => told.err.push(text),
    env: {},
    cwd: folder.path,
    now: Date.now,
  };
  const code = await run(["simulate", ...args], context, buildProgram(context));
  return { code, out: told.out.join(""), err: told.err.join("") };
}

const SMALL = `
seed: 7
arrivals: { rate: 200, duration: 5s }
backends: [{ count: 3, concurrency: 4 }, { name: heavy, weight: 3, speed: 3 }]
policies: [round-robin, peak-ewma, { policy: consistent-hash, table: maglev, bound: 1.25 }]
`;

const figures = async (...args: string[]) => JSON.parse((await simulate(...args, "--json")).out);

describe("the table", () => {
  test("has a row for each policy, and is the same byte for byte with the same seed", async () => {
    await folder.write("load.yaml", SMALL);
    const first = await simulate("load.yaml");
    expect(first).toMatchObject({ code: 0, err: "" });
    const [title = "", head = "", ...rows] = first.out.trimEnd().split("\n");
    expect(title).toMatch(/^\d+ requests, 4 backends, seed 7$/);
    expect(head.split("|").map((cell) => cell.trim())).toEqual([
      "",
      "Policy",
      "Mean",
      "p50",
      "p99",
      "Max",
      "Imbalance",
      "In flight",
      "Failed",
      "Retries",
      "Hedges",
      "",
    ]);
    expect(rows.map((row) => row.split("|")[1]?.trim())).toEqual([
      "round-robin",
      "peak-ewma",
      "consistent-hash maglev 1.25",
    ]);
    expect(await simulate("load.yaml")).toEqual(first);
    const other = await simulate("load.yaml", "--seed", "8");
    expect(other.out).toMatch(/seed 8\n/);
    expect(other.out.split("\n").slice(1)).not.toEqual(first.out.split("\n").slice(1));
  });

  test("without a file is of the example, with all policies; the example is a scenario that gives the same", async () => {
    const built = await simulate();
    expect(built.out.trimEnd().split("\n")).toHaveLength(2 + 10);
    const { out } = await simulate("--example");
    await folder.write("mine.yaml", out);
    expect(await simulate("mine.yaml")).toEqual(built);
  });
});

test("--json has every figure, backends by name", async () => {
  await folder.write("load.yaml", SMALL);
  const { seed, policies } = await figures("load.yaml");
  expect(seed).toBe(7);
  const [roundRobin] = policies;
  expect(roundRobin).toMatchObject({
    policy: "round-robin",
    failed: 0,
    hedges: 0,
    latency: { p50: expect.any(Number) },
  });
  const { "backend-1": one, "backend-2": two, "backend-3": three, heavy } = roundRobin.perBackend;
  expect([one, two, three].every((count) => Math.abs(heavy - 3 * count) <= 3)).toBe(true);
});

test("a pool's settings and faults work as in the config", async () => {
  const faulty = (pool: string): string => `
arrivals: { process: constant, rate: 100, duration: 10s }
service: { distribution: constant, mean: 5ms }
policies: [round-robin]
backends:
  - { count: 3 }
  - { name: bad, faults: [{ kind: errors, share: 100%, status: 503, after: 1ms }] }
pool: ${pool}
`;
  await folder.write("none.yaml", faulty("{ outlier: false }"));
  await folder.write("retried.yaml", faulty("{ outlier: false, retries: { count: 1, on: [503] } }"));
  await folder.write("ejected.yaml", faulty("{ outlier: { consecutive5xx: 3 }, health: false }"));
  const outcome = async (file: string) => (await figures(file)).policies[0];
  expect(await outcome("none.yaml")).toMatchObject({ failed: 249, retries: 0, failures: { "status 503": 249 } });
  expect(await outcome("retried.yaml")).toMatchObject({ failed: 0, mostEjected: 0, latency: { p50: 5 } });
  expect((await outcome("retried.yaml")).retries).toBeGreaterThan(200);
  expect(await outcome("ejected.yaml")).toMatchObject({ failed: 3, mostEjected: 1 });
});

describe("a recorded load", () => {
  const line = (more: object): string =>
    JSON.stringify({
      ...{ level: "info", time: "2026-01-01T00:00:01.000Z", client: "10.0.0.1", method: "GET", path: "/", pool: "a" },
      ...{ status: 200, attempts: 1, headMs: 40, totalMs: 50, msg: "exchange", ...more },
    });

  test("comes as the log says, with its durations or without; other lines are left out and told of", async () => {
    const lines = [
      line({ time: "2026-01-01T00:00:02.000Z", headMs: 30 }),
      line({ time: "2026-01-01T00:00:01.000Z", headMs: 10 }),
      line({ attempts: 0, cache: "HIT" }),
      line({ pool: "b", headMs: 500 }),
      '{"level":"info","msg":"listening"}',
      "not JSON",
    ];
    await folder.write("access.log", lines.join("\n"));
    await folder.write(
      "two.yaml",
      "backends: [{ count: 2 }]\nservice: { distribution: constant, mean: 7ms }\npolicies: [random]",
    );
    const { out, err } = await simulate("two.yaml", "--log", "access.log", "--pool", "a", "--json");
    expect(JSON.parse(out).policies[0]).toMatchObject({ exchanges: 2, latency: { mean: 20, max: 30 } });
    expect(err).toBe("access.log: 4 lines left out, which tell of no exchange that reached a backend\n");
    const drawn = await figures("two.yaml", "--log", "access.log", "--no-durations");
    expect(drawn.policies[0]).toMatchObject({ exchanges: 3, latency: { max: 7 } });
  });

  test.each([
    ["no file", "none.log", "The access log none.log cannot be read: there is no such file."],
    [
      "nothing of use",
      "empty.log",
      /^headgate: empty\.log: found no line \(of 1\) that tells of an exchange that reached/,
    ],
  ])("%s is told in one line", async (_, file, message) => {
    await folder.write("empty.log", "hello\n");
    const { code, err } = await simulate("--log", file);
    expect(code).toBe(1);
    expect(err).toMatch(message);
  });
});

describe("what is wrong with a scenario", () => {
  test("is told at once, with place, value and what belongs there", async () => {
    const text = `sed: 1
arrivals: { rate: -1 }
policies: [round-robbin]
backends:
  - { faults: [{ kind: down, from: 5s, to: 1s }, { kind: slow, factr: 2 }, { kind: sloww }] }
pool: { retries: 99, tls: {} }
`;
    await folder.write("bad.yaml", text);
    const { code, out, err } = await simulate("bad.yaml");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    for (const told of [
      "The scenario has 9 errors:",
      "bad.yaml:1:1: sed: found an unknown key, expected $schema, seed, arrivals,",
      "(did you mean seed?)",
      "bad.yaml:2:13: arrivals.rate: found -1, expected a number from 0.001 to 1000000",
      'policies[0]: found "round-robbin"',
      "(did you mean round-robin?)",
      'backends[0].faults[0].to: found "1s", expected a time after from',
      "backends[0].faults[1].factr: found an unknown key",
      "(did you mean factor?)",
      "backends[0].faults[1].factor: found nothing, expected a number",
      'backends[0].faults[2].kind: found "sloww", expected an object with kind: down, stall, slow or errors',
      "pool.retries: found 99, expected a whole number from 0 to 10",
      "pool.tls: found an unknown key, expected zone,",
    ]) {
      expect(err).toContain(told);
    }
  });

  test.each([
    ["backends: []", "backends: found [], expected at least one backend"],
    [
      "arrivals: { rate: 1000000, duration: 1h }\nbackends: [{}]",
      "expected a rate and a duration of at most 5000000 requests",
    ],
    ["backends: [{ faults: [{ kind: down, every: 1s }] }]", 'every: found "1s", expected nothing without from and to'],
    [
      "backends: [{ faults: [{ kind: down, from: 0, to: 2s, every: 1s }] }]",
      'every: found "1s", expected a time no shorter',
    ],
  ])("%j", async (text, told) => {
    await folder.write("bad.yaml", text);
    const { code, err } = await simulate("bad.yaml");
    expect(code).toBe(1);
    expect(err).toContain(told);
  });

  test("a missing file ends with 1, a bad option with 2", async () => {
    expect(await simulate("none.yaml")).toMatchObject({
      code: 1,
      err: "headgate: The scenario none.yaml cannot be read: there is no such file.\n",
    });
    expect(await simulate("--seed", "x")).toMatchObject({ code: 2 });
    expect(await simulate("a.yaml", "b.yaml")).toMatchObject({ code: 2 });
  });
});

test("the scenarios of docs/balancing.md are what a scenario may be", async () => {
  const names = await readdir(SCENARIOS);
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) expect((await loadScenario(name, SCENARIOS)).backends.length).toBeGreaterThan(0);
});

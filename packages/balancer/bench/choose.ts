// What one choice costs, with its release, by policy and by size of the pool; and what a change of its members costs.
// `node packages/balancer/bench/choose.ts [choices]`; half of the backends have an attempt in flight.
import { seededRandom } from "@headgate/testing";
import { type BackendId, createPolicy, PLAIN_POLICIES, type PolicySpec, Pool } from "../src/index.ts";

const [choices = 1_000_000] = process.argv.slice(2).map(Number);
const SIZES = [4, 100, 1000];
/** Each figure is the best of so many. */
const ROUNDS = 5;

const SPECS: readonly (readonly [string, PolicySpec])[] = [
  ...PLAIN_POLICIES.map((name) => [name, name] as const),
  ["consistent-hash, ring", { policy: "consistent-hash" }],
  ["consistent-hash, ring, bound 1.25", { policy: "consistent-hash", bound: 1.25 }],
  ["consistent-hash, maglev", { policy: "consistent-hash", table: "maglev" }],
  ["consistent-hash, maglev, bound 1.25", { policy: "consistent-hash", table: "maglev", bound: 1.25 }],
];

const KEYS = Array.from({ length: 1024 }, (_, index) => `client-${index}`);

function poolOf(spec: PolicySpec, size: number): Pool {
  const pool = new Pool("bench", createPolicy(spec));
  for (let index = 0; index < size; index++) {
    const id = `10.0.${index >> 8}.${index & 255}:80` as BackendId;
    pool.add({ id, url: `http://${id}` });
    pool.setAvailable(id, true);
  }
  return pool;
}

/** Chooses and releases the oldest in turn; ns for the pair. */
function measureChoices(pool: Pool, count: number): number {
  const random = seededRandom(1);
  const outcome = { latency: 5, failed: false, now: 0 };
  const context = { tried: null, now: 0, random, hashKey: "" };
  const running = Array.from({ length: Math.ceil(pool.backends.length / 2) }, () => pool.choose(context));
  const start = performance.now();
  for (let index = 0; index < count; index++) {
    const slot = index % running.length;
    const ended = running[slot];
    if (ended?.kind === "chosen") pool.release(ended.backend, outcome);
    context.hashKey = KEYS[(index * 7) & 1023] ?? "";
    running[slot] = pool.choose(context);
  }
  const spent = performance.now() - start;
  for (const choice of running) if (choice.kind === "chosen") pool.release(choice.backend);
  return (spent * 1e6) / count;
}

/** The first choice after a backend became unavailable, or available; ms. */
function measureChange(pool: Pool): number {
  const [backend] = pool.backends;
  const context = { tried: null, now: 0, random: seededRandom(1), hashKey: "a" };
  let spent = 0;
  for (let index = 0; index < 10; index++) {
    if (backend !== undefined) pool.setAvailable(backend.id, index % 2 === 1);
    const start = performance.now();
    const choice = pool.choose(context);
    spent += performance.now() - start;
    if (choice.kind === "chosen") pool.release(choice.backend);
  }
  return spent / 10;
}

function least(measure: () => number): number {
  return Math.min(...Array.from({ length: ROUNDS }, measure));
}

const cell = (value: number, digits: number): string => value.toFixed(digits).padStart(8);
process.stdout.write(`${"".padEnd(38)}  ns a choice with its release       ms after a change\n`);
process.stdout.write(`${"backends".padEnd(38)}${[...SIZES, ...SIZES].map((size) => cell(size, 0)).join("  ")}\n`);
for (const [name, spec] of SPECS) {
  const pools = SIZES.map((size) => poolOf(spec, size));
  const times = pools.map((pool) => least(() => measureChoices(pool, choices / ROUNDS)));
  const changes = pools.map((pool) => least(() => measureChange(pool)));
  const cells = [...times.map((ns) => cell(ns, 0)), ...changes.map((ms) => cell(ms, 2))];
  process.stdout.write(`${name.padEnd(38)}${cells.join("  ")}\n`);
}

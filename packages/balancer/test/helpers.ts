import { seededRandom } from "@headgate/testing";
import type { Backend, BackendId, BackendOptions, Choice, ChooseContext, Policy } from "../src/index.ts";
import { Pool, type PoolOptions } from "../src/index.ts";

export function id(text: string): BackendId {
  return text as BackendId;
}

export function options(name: string, more: Partial<BackendOptions> = {}): BackendOptions {
  return { id: id(name), url: `http://${name}`, ...more };
}

export function context(more: Partial<ChooseContext> = {}): ChooseContext {
  return { tried: null, now: 0, random: seededRandom(1), ...more };
}

/** A pool whose backends are all available; a name stands for a backend without options. */
export function poolOf(
  policy: Policy,
  backends: readonly (string | BackendOptions)[],
  poolOptions: PoolOptions = {},
): Pool {
  const pool = new Pool("test", policy, poolOptions);
  for (const backend of backends) pool.add(typeof backend === "string" ? options(backend) : backend);
  for (const backend of pool.backends) pool.setAvailable(backend.id, true);
  return pool;
}

export function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `10.0.${index >> 8}.${index & 255}:80`);
}

/** The chosen backend; fails the test where there is none. */
export function backendOf(choice: Choice): Backend {
  if (choice.kind === "none") throw new Error(`Expected a backend, got none because of ${choice.reason}.`);
  return choice.backend;
}

/** Chooses and at once releases, `count` times; the ids in order. */
export function sequence(pool: Pool, count: number, ctx: ChooseContext = context()): string[] {
  return Array.from({ length: count }, () => {
    const backend = backendOf(pool.choose(ctx));
    pool.release(backend);
    return backend.id;
  });
}

export function tally(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const each of ids) counts.set(each, (counts.get(each) ?? 0) + 1);
  return counts;
}

export function member(pool: Pool, name: string): Backend {
  const backend = pool.get(id(name));
  if (backend === undefined) throw new Error(`${name} is no member of the pool.`);
  return backend;
}

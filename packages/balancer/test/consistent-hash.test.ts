import { forAll, seededRandom } from "@headgate/testing";
import * as fc from "fast-check";
import { type ConsistentHashSpec, createPolicy } from "../src/create-policy.ts";
import { hash32, mix32 } from "../src/hashing/hash.ts";
import { buildRing } from "../src/hashing/ring.ts";
import type { Pool } from "../src/pool.ts";
import { backendOf, context, id, names, options, poolOf, sequence, tally } from "./helpers.ts";

const KEYS = Array.from({ length: 5000 }, (_, index) => `user-${index}`);
const SOME = KEYS.slice(0, 300);

function hashed(table: "ring" | "maglev", more: Partial<ConsistentHashSpec> = {}): ReturnType<typeof createPolicy> {
  return createPolicy({ policy: "consistent-hash", table, ...more });
}

/** Who serves each key. */
function map(pool: Pool, keys: readonly string[] = KEYS): string[] {
  return keys.map((hashKey) => {
    const backend = backendOf(pool.choose(context({ hashKey })));
    pool.release(backend);
    return backend.id;
  });
}

function moved(before: readonly string[], after: readonly string[]): number {
  return before.filter((each, index) => each !== after[index]).length / before.length;
}

describe.each(["ring", "maglev"] as const)("%s", (table) => {
  test("the same key goes to the same backend", () => {
    const pool = poolOf(hashed(table), names(8));
    expect(map(pool)).toEqual(map(pool));
  });

  test("keys are spread evenly", () => {
    const pool = poolOf(hashed(table), names(8));
    const counts = tally(map(pool));
    expect(counts.size).toBe(8);
    for (const count of counts.values()) expect(Math.abs(count / (KEYS.length / 8) - 1)).toBeLessThan(0.3);
  });

  test("by weight, if weights differ", () => {
    const pool = poolOf(hashed(table), [options("a", { weight: 3 }), "b"]);
    expect((tally(map(pool)).get("a") ?? 0) / KEYS.length).toBeCloseTo(0.75, 1);
  });

  test("removing one of n moves its own keys and at most 1/n + ε in all; its return moves them back", () => {
    forAll(fc.integer({ min: 2, max: 12 }), fc.nat(11), (count, which) => {
      const all = names(count);
      const gone = all[which % count] ?? "";
      const pool = poolOf(hashed(table), all);
      const before = map(pool, SOME);
      pool.setAvailable(id(gone), false);
      const after = map(pool, SOME);
      const others = before.filter((each, index) => each !== gone && each !== after[index]).length / SOME.length;
      expect(others).toBeLessThanOrEqual(table === "ring" ? 0 : 0.04);
      expect(moved(before, after)).toBeLessThan(1.45 / count + 0.04);
      pool.setAvailable(id(gone), true);
      expect(map(pool, SOME)).toEqual(before);
    });
  });

  test("the order in which backends are listed does not matter on the ring, and hardly in the table", () => {
    const all = names(6);
    const one = map(poolOf(hashed(table), all));
    const other = map(poolOf(hashed(table), [...all].reverse()));
    expect(moved(one, other)).toBeLessThanOrEqual(table === "ring" ? 0 : 0.05);
  });

  test("a failover goes to the same second backend each time", () => {
    const pool = poolOf(hashed(table), names(5));
    const first = backendOf(pool.choose(context({ hashKey: "k" }))).id;
    const seconds = sequence(pool, 5, context({ hashKey: "k", tried: [first] }));
    expect(new Set(seconds).size).toBe(1);
    expect(seconds[0]).not.toBe(first);
  });

  test.each([1, 1.25, 2])("bounded loads hold their bound of %d, whatever the keys", (bound) => {
    const keys = fc.array(fc.nat(3), { minLength: 1, maxLength: 200 });
    forAll(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 }), keys, (weights, list) => {
      const backends = weights.map((weight, index) => options(`b${index}`, { weight }));
      const pool = poolOf(hashed(table, { bound }), backends);
      const total = weights.reduce((a, b) => a + b, 0);
      for (const key of list) {
        const { active, weight } = backendOf(pool.choose(context({ hashKey: `${key}` })));
        expect(active).toBeLessThanOrEqual(Math.ceil((bound * pool.active * weight) / total));
      }
    });
  });

  test("without a key exchanges are spread", () => {
    const pool = poolOf(hashed(table), names(4));
    expect(tally(sequence(pool, 400, context({ random: seededRandom(3) }))).size).toBe(4);
  });

  test("without a bound one hot key stays where it is", () => {
    const pool = poolOf(hashed(table), names(4));
    const chosen = Array.from({ length: 50 }, () => backendOf(pool.choose(context({ hashKey: "hot" }))).id);
    expect(new Set(chosen).size).toBe(1);
  });

  test("heavy weights do not make the table too big", () => {
    const heavy = names(3).map((name) => options(name, { weight: 1e6 }));
    expect(tally(map(poolOf(hashed(table), heavy))).size).toBe(3);
  });
});

test("when most of a thousand are full, the open ones are still found", () => {
  const backends = names(1000).map((name, index) => options(name, index === 567 ? {} : { maxActive: 0 }));
  const pool = poolOf(hashed("ring"), backends);
  expect(map(pool, ["a", "b"])).toEqual([names(1000)[567], names(1000)[567]]);
});

test("on the ring each hash belongs to the next point, as a search through all of them finds it", () => {
  const pool = poolOf(hashed("ring"), names(40));
  const points = pool.backends.flatMap((_, owner) =>
    Array.from({ length: 160 }, (_, index) => {
      const seed = hash32(pool.backends[owner]?.id ?? "");
      return { point: mix32(seed ^ Math.imul(index, 0x9e3779b1)), owner };
    }),
  );
  points.sort((a, b) => a.point - b.point || a.owner - b.owner);
  const { owners, slotOf } = buildRing(pool.backends);
  expect(Array.from(owners)).toEqual(points.map(({ owner }) => owner));
  for (let hash = 0; hash < 2 ** 32; hash += 4_000_037) {
    const next = points.findIndex(({ point }) => point > hash);
    expect(slotOf(hash)).toBe(Math.max(next, 0));
  }
});

describe("the hash", () => {
  test("MurmurHash3's finaliser: known values", () => {
    expect([0, 1, 2].map((value) => mix32(value))).toEqual([0, 0x514e28b7, 0x30f4c306]);
  });

  test("is a whole number below 2^32 and changes with any character", () => {
    forAll(fc.string({ minLength: 1 }), fc.nat(), (text, at) => {
      const index = at % text.length;
      const other = text.slice(0, index) + String.fromCharCode(text.charCodeAt(index) ^ 1) + text.slice(index + 1);
      expect(hash32(text)).toBe(hash32(text) >>> 0);
      expect(hash32(other)).not.toBe(hash32(text));
    });
  });
});

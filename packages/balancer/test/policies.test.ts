import { forAll, seededRandom } from "@headgate/testing";
import * as fc from "fast-check";
import type { Backend } from "../src/backend.ts";
import { createPolicy, PLAIN_POLICIES, type PolicySpec } from "../src/create-policy.ts";
import type { Pool } from "../src/pool.ts";
import { backendOf, context, id, member, names, options, poolOf, sequence, tally } from "./helpers.ts";

const all: PolicySpec[] = [
  ...PLAIN_POLICIES,
  { policy: "consistent-hash" },
  { policy: "consistent-hash", table: "maglev", bound: 1.25 },
];

/** In pools of so many backends what can be drawn is drawn in more than a percent of choices, so that a preview shows it. */
const EXACT = 10;

/** A pool to which things happen. */
class Walk {
  readonly pool: Pool;
  readonly #random: () => number;
  readonly #hashKey: string;
  readonly #busy: Backend[] = [];

  constructor(pool: Pool, seed: number, hashKey: string) {
    this.pool = pool;
    this.#random = seededRandom(seed);
    this.#hashKey = hashKey;
  }

  /** The backend that was chosen, if one was. */
  step(step: string, now: number): string | undefined {
    if (step === "down" || step === "up") this.pool.setAvailable(id("b1"), step === "up");
    const ended = step === "release" ? this.#busy.shift() : undefined;
    if (ended !== undefined) this.pool.release(ended, { latency: 10, failed: false, now });
    if (step !== "choose") return undefined;
    const choice = this.pool.choose(context({ now, random: this.#random, hashKey: this.#hashKey }));
    if (choice.kind === "none") return undefined;
    this.#busy.push(choice.backend);
    return choice.backend.id;
  }
}

describe.each(all.map((spec) => [typeof spec === "string" ? spec : `consistent-hash ${spec.table ?? "ring"}`, spec]))(
  "%s",
  (_, spec) => {
    const policy = () => createPolicy(spec as PolicySpec);

    test("never chooses a tried, full, unusable or drained backend while another is open, and always finds the open one", () => {
      const flags = fc.array(fc.constantFrom("open", "open", "tried", "full", "down", "ejected", "draining"), {
        minLength: 1,
        maxLength: 90,
      });
      forAll(flags, fc.integer(), fc.string(), (states, seed, hashKey) => {
        const pool = poolOf(
          policy(),
          states.map((state, i) => options(`b${i}`, state === "full" ? { maxActive: 0 } : {})),
        );
        states.forEach((state, i) => {
          if (state === "down") pool.setAvailable(id(`b${i}`), false);
          if (state === "ejected") pool.setEjected(id(`b${i}`), true);
          if (state === "draining") pool.setDraining(id(`b${i}`), true);
        });
        const tried = states.flatMap((state, i) => (state === "tried" ? [id(`b${i}`)] : []));
        const ctx = context({ tried, random: seededRandom(seed), hashKey });
        for (let turn = 0; turn < 5; turn++) {
          const choice = pool.choose(ctx);
          if (states.includes("open")) expect(states[Number(backendOf(choice).id.slice(1))]).toBe("open");
          else if (tried.length > 0) expect(choice).toMatchObject({ kind: "chosen", reason: "again" });
          else expect(choice.kind).toBe("none");
        }
      });
    });

    test("follows membership: a thousand come, all but one go", () => {
      const pool = poolOf(policy(), names(1000));
      for (let i = 0; i < 50; i++) backendOf(pool.choose(context({ hashKey: `k${i}`, random: seededRandom(i) })));
      pool.replace([options("10.0.0.7:80")]);
      expect(new Set(sequence(pool, 5, context({ hashKey: "k" })))).toEqual(new Set(["10.0.0.7:80"]));
    });

    test("a preview says what will be chosen, and changes nothing", () => {
      const steps = fc.array(fc.constantFrom("choose", "choose", "release", "down", "up"), { maxLength: 9 });
      forAll(steps, fc.integer({ min: 1, max: 70 }), fc.integer(), fc.string(), (list, size, seed, hashKey) => {
        const members = Array.from({ length: size }, (_, i) => options(`b${i}`, { weight: 1 + (i % 3), maxActive: 3 }));
        const asked = new Walk(poolOf(policy(), members), seed, hashKey);
        const unasked = new Walk(poolOf(policy(), members), seed, hashKey);
        list.forEach((step, now) => {
          const preview = step === "choose" ? asked.pool.preview({ tried: null, now, hashKey }) : null;
          const chosen = asked.step(step, now);
          expect(unasked.step(step, now)).toBe(chosen);
          if (preview?.kind === "settled")
            expect(preview.choice.kind === "chosen" ? preview.choice.backend.id : undefined).toBe(chosen);
          if (preview?.kind === "drawn" && size <= EXACT)
            expect(Array.from(preview.odds.keys(), ({ id }) => id)).toContain(chosen);
        });
      });
    });

    test("a copy is another of its kind", () => {
      const one = policy();
      expect(one.copy()).toBeInstanceOf(one.constructor);
      expect(one.copy()).not.toBe(one);
    });
  },
);

describe("a preview of what is drawn", () => {
  const oddsOf = (pool: Pool): Record<string, number> => {
    const preview = pool.preview({ tried: null, now: 0 });
    if (preview.kind === "settled") throw new Error("expected a matter of chance");
    return Object.fromEntries(Array.from(preview.odds, ([backend, odds]) => [backend.id, odds]));
  };

  test("random: by weight", () => {
    const odds = oddsOf(poolOf(createPolicy("random"), [options("a", { weight: 3 }), "b"]));
    expect(odds.a).toBeCloseTo(0.75, 2);
    expect(odds.b).toBeCloseTo(0.25, 2);
  });

  test("two choices: the busiest of three is never the lesser, the idle one wins whenever it is drawn", () => {
    const pool = poolOf(createPolicy("power-of-two"), ["idle", "busy", "busiest"]);
    member(pool, "busy").active = 2;
    member(pool, "busiest").active = 5;
    const odds = oddsOf(pool);
    expect(Object.keys(odds).sort()).toEqual(["busy", "idle"]);
    expect(odds.idle).toBeCloseTo(2 / 3, 1);
  });

  test.each([1, 2, EXACT, 67, 300])(
    "two choices: within a percent of the law, with %i backends of three weights",
    (size) => {
      const weights = Array.from({ length: size }, (_, i) => 1 + (i % 3));
      const odds = oddsOf(
        poolOf(
          createPolicy("power-of-two"),
          weights.map((weight, i) => options(`b${i}`, { weight })),
        ),
      );
      weights.forEach((weight, i) => {
        const lighter = weights.filter((other) => other < weight).length;
        const alike = weights.filter((other) => other === weight).length - 1;
        // As either of the two against a lighter one, as the first of them against one of its weight.
        const law = size === 1 ? 1 : (2 * lighter + alike) / (size * (size - 1));
        expect(Math.abs((odds[`b${i}`] ?? 0) - law)).toBeLessThan(0.01);
      });
      expect(Object.values(odds).reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 9);
    },
  );

  test("levels: by their shares", () => {
    const pool = poolOf(createPolicy("round-robin"), ["a", "b", options("backup", { priority: 1 })]);
    pool.setAvailable(id("a"), false);
    const odds = oddsOf(pool);
    expect(odds.b).toBeCloseTo(0.7, 2);
    expect(odds.backup).toBeCloseTo(0.3, 2);
  });
});

describe("random", () => {
  test("spreads by weight", () => {
    const pool = poolOf(createPolicy("random"), [options("a", { weight: 3 }), "b"]);
    const counts = tally(sequence(pool, 20_000));
    expect((counts.get("a") ?? 0) / 20_000).toBeCloseTo(0.75, 1);
  });
});

describe("least connections", () => {
  test("an idle pool is round robin", () => {
    const pool = poolOf(createPolicy("least-connections"), names(7));
    for (let cycle = 0; cycle < 3; cycle++) expect(new Set(sequence(pool, 7)).size).toBe(7);
  });

  test("always chooses one of the fewest in flight for its weight", () => {
    const steps = fc.array(fc.oneof(fc.constant("choose"), fc.nat(50)), { maxLength: 200 });
    forAll(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 9 }), steps, (weights, script) => {
      const pool = poolOf(
        createPolicy("least-connections"),
        weights.map((weight, i) => options(`b${i}`, { weight })),
      );
      const running: string[] = [];
      for (const step of script) {
        if (step === "choose") {
          const least = Math.min(...pool.backends.map(({ active, weight }) => active / weight));
          const chosen = backendOf(pool.choose(context()));
          expect((chosen.active - 1) / chosen.weight).toBeCloseTo(least, 9);
          running.push(chosen.id);
        } else if (running.length > 0) {
          const [ended = ""] = running.splice(Number(step) % running.length, 1);
          pool.release(member(pool, ended));
        }
      }
    });
  });

  test("attempts that it did not choose count: sticky ones, and those from before it joined", () => {
    const pool = poolOf(createPolicy("least-connections"), ["a", "b"]);
    for (let i = 0; i < 3; i++) pool.choose(context({ pinned: id("a") }));
    const chosen = [1, 2, 3].map(() => backendOf(pool.choose(context())).id);
    expect(chosen).toEqual(["b", "b", "b"]);
    pool.setAvailable(id("b"), false);
    pool.setAvailable(id("b"), true);
    pool.release(member(pool, "a"));
    expect(backendOf(pool.choose(context())).id).toBe("a");
  });

  test("one that was full is chosen again once it is released", () => {
    const pool = poolOf(createPolicy("least-connections"), [
      options("a", { maxActive: 1 }),
      options("b", { maxActive: 1 }),
    ]);
    const [one, two] = [backendOf(pool.choose(context())), backendOf(pool.choose(context()))];
    expect(new Set([one.id, two.id]).size).toBe(2);
    expect(pool.choose(context())).toEqual({ kind: "none", reason: "limits" });
    pool.release(two);
    expect(backendOf(pool.choose(context()))).toBe(two);
  });
});

describe("power of two", () => {
  test("with two open backends it is the less loaded one", () => {
    const pool = poolOf(createPolicy("power-of-two"), ["a", "b", "c"]);
    for (let i = 0; i < 5; i++) pool.choose(context({ pinned: id("a") }));
    expect(new Set(sequence(pool, 20, context({ tried: [id("c")] })))).toEqual(new Set(["b"]));
  });

  test("a heavier weight takes more", () => {
    const pool = poolOf(createPolicy("power-of-two"), [options("a", { weight: 3 }), "b"]);
    const random = seededRandom(2);
    for (let i = 0; i < 40; i++) pool.choose(context({ random }));
    expect(member(pool, "a").active).toBe(30);
  });

  test("the longest queue is far shorter than at random", () => {
    const most = (policy: PolicySpec): number => {
      const pool = poolOf(createPolicy(policy), names(1000));
      const random = seededRandom(4);
      for (let i = 0; i < 1000; i++) pool.choose(context({ random }));
      return Math.max(...pool.backends.map(({ active }) => active));
    };
    expect(most("random")).toBeGreaterThanOrEqual(5);
    expect(most("power-of-two")).toBeLessThanOrEqual(3);
  });
});

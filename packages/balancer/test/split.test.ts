import { forAll, seededRandom } from "@headgate/testing";
import * as fc from "fast-check";
import { planSplit, type SplitSide } from "../src/index.ts";

type Sides = [SplitSide, ...SplitSide[]];

const CANARY: Sides = [
  { name: "stable", weight: 95 },
  { name: "canary", weight: 5 },
];

/** The share of many keys, or draws, that each side gets. */
function shares(sides: Sides, sideOf: (index: number) => string): Record<string, number> {
  const counts: Record<string, number> = Object.fromEntries(sides.map(({ name }) => [name, 0]));
  for (let index = 0; index < 20_000; index++) {
    const name = sideOf(index);
    counts[name] = (counts[name] ?? 0) + 1 / 20_000;
  }
  return counts;
}

const hashed = (sides: Sides, key: string): string => planSplit(sides, { by: "hash", key }, () => 0).side.name;

test("draws follow the weights", () => {
  const random = seededRandom(7);
  const found = shares(CANARY, () => planSplit(CANARY, { by: "draw" }, random).side.name);
  expect(found.canary).toBeGreaterThan(0.044);
  expect(found.canary).toBeLessThan(0.056);
});

test("each draw has its place in the order of the sides", () => {
  const at = (random: number) => planSplit(CANARY, { by: "draw" }, () => random).side.name;
  expect([0, 0.949, 0.951, 0.9999999].map(at)).toEqual(["stable", "stable", "canary", "canary"]);
});

test("hashed keys follow the weights", () => {
  const found = shares(CANARY, (index) => hashed(CANARY, `10.0.${index >> 8}.${index & 255}`));
  expect(found.canary).toBeGreaterThan(0.044);
  expect(found.canary).toBeLessThan(0.056);
});

test("a key has the same side always, and no weight has a say in whose it is not", () => {
  const weight = fc.integer({ min: 1, max: 1000 });
  forAll(fc.string(), weight, weight, weight, weight, (key, a, b, c, more) => {
    const sides: Sides = [
      { name: "a", weight: a },
      { name: "b", weight: b },
      { name: "c", weight: c },
    ];
    const before = hashed(sides, key);
    expect(hashed([...sides].reverse() as Sides, key)).toBe(before);
    // Who grows takes keys from the others, and no other key moves.
    const [first, ...others] = sides;
    const after = hashed([{ ...first, weight: a + more }, ...others], key);
    expect([before, "a"]).toContain(after);
    // Who leaves gives its own away, and no other key moves.
    if (before !== "a") expect(hashed(others as Sides, key)).toBe(before);
  });
});

describe("says why", () => {
  const [stable, canary] = CANARY as [SplitSide, SplitSide];
  test("a cookie keeps its side", () => {
    const plan = planSplit(CANARY, { by: "cookie", presented: true, kept: canary }, () => 0);
    expect(plan).toEqual({ kind: "cookie", side: canary });
  });

  test.each([
    ["new", { by: "cookie", presented: false, kept: undefined }],
    ["reassigned", { by: "cookie", presented: true, kept: undefined }],
    ["no-key", { by: "hash", key: undefined }],
    ["each", { by: "draw" }],
  ] as const)("a draw is %s", (reason, asked) => {
    expect(planSplit(CANARY, asked, () => 0)).toEqual({ kind: "draw", reason, side: stable });
  });

  test("a key is hashed, an empty one too", () => {
    expect(planSplit(CANARY, { by: "hash", key: "" }, () => 0).kind).toBe("hash");
  });
});

import { betterOf, type Cost, judge, ratiosOf, tellVerdict } from "../src/verdict.ts";

const cost = (scenario: string, peer: string, min: number): Cost => ({ scenario, peer, micros: { min } });

test("a ratio is of the least that each took, scenario by scenario", () => {
  const ratios = ratiosOf([
    cost("pass1k", "headgate", 60),
    cost("pass1k", "nginx", 20),
    cost("pass1k", "bare-node", 40),
    cost("hit1k", "headgate", 30),
    cost("hit1k", "bare-node", 20),
    cost("pass1m", "headgate", 900),
    cost("pass1m", "bare-node", 1),
  ]);
  expect(ratios).toEqual({ pass1k: 1.5, hit1k: 1.5 });
});

test("where one of the two is missing there is no ratio", () => {
  expect(ratiosOf([cost("pass1k", "headgate", 60), cost("hit1k", "bare-node", 20)])).toEqual({});
});

test("what is up to 1.3 times the recorded ratio holds, what is above is worse", () => {
  const verdicts = judge({ pass1k: 1.95, hit1k: 1.31 }, { pass1k: 1.5, hit1k: 1 });
  expect(verdicts).toEqual([
    { kind: "held", scenario: "pass1k", ratio: 1.95, recorded: 1.5 },
    { kind: "worse", scenario: "hit1k", ratio: 1.31, recorded: 1 },
  ]);
});

test("nothing measured and nothing recorded are never taken for well", () => {
  expect(judge({ pass1k: 1 }, { hit1k: 1 }).map(({ kind }) => kind)).toEqual(["unrecorded", "unmeasured"]);
});

test("of two runs the better one counts, for each scenario by itself", () => {
  expect(betterOf({ pass1k: 2, hit1k: 1 }, { pass1k: 1.5, hit1k: 3 })).toEqual({ pass1k: 1.5, hit1k: 1 });
  expect(betterOf({}, { hit1k: 3 })).toEqual({ hit1k: 3 });
});

test("a verdict tells both ratios and the limit", () => {
  const verdict = { scenario: "pass1k", ratio: 2.345, recorded: 1.5 } as const;
  expect(tellVerdict({ kind: "worse", ...verdict })).toBe(
    "pass1k: headgate takes 2.35 × the CPU time of bare-node (1.95 allowed, 1.50 recorded): WORSE THAN RECORDED",
  );
  expect(tellVerdict({ kind: "held", ...verdict })).toMatch(/: ok$/);
  expect(tellVerdict({ kind: "unrecorded", scenario: "hit1k" })).toContain("pnpm bench --record");
});

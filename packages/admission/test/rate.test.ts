import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import {
  MemoryRateStore,
  planRate,
  type RatePolicy,
  rateLimitField,
  rateLimitPolicyField,
  retryAfterField,
} from "../src/index.ts";

const TEN_PER_SECOND: RatePolicy = { name: "default", limit: 10, window: 1000 };

describe("planRate", () => {
  test("admits a burst of the limit at once, then one each interval", () => {
    let state: number | undefined;
    for (let left = 9; left >= 0; left -= 1) {
      const decision = planRate(state, 0, TEN_PER_SECOND);
      if (decision.kind !== "admit") throw new Error("expected to be admitted");
      expect(decision).toEqual({
        kind: "admit",
        remaining: left,
        state: (10 - left) * 100,
        resetAfter: (10 - left) * 100,
      });
      state = decision.state;
    }
    expect(planRate(state, 0, TEN_PER_SECOND)).toEqual({
      kind: "reject",
      remaining: 0,
      resetAfter: 1000,
      retryAfter: 100,
    });
    expect(planRate(state, 99, TEN_PER_SECOND)).toMatchObject({ kind: "reject", retryAfter: 1 });
    expect(planRate(state, 100, TEN_PER_SECOND)).toMatchObject({ kind: "admit", remaining: 0 });
  });

  test("a client that was away begins with a full burst, not with more", () => {
    expect(planRate(500, 1_000_000, TEN_PER_SECOND)).toMatchObject({ remaining: 9, state: 1_000_100 });
  });

  test("a smaller burst, and costs of more than one", () => {
    const policy = { ...TEN_PER_SECOND, burst: 3 };
    expect(planRate(undefined, 0, policy, 3)).toEqual({ kind: "admit", remaining: 0, state: 300, resetAfter: 300 });
    expect(planRate(200, 0, policy, 2)).toEqual({ kind: "reject", remaining: 1, resetAfter: 200, retryAfter: 100 });
    expect(planRate(undefined, 0, policy, 4)).toMatchObject({
      kind: "reject",
      remaining: 3,
      retryAfter: Number.POSITIVE_INFINITY,
    });
  });

  test("an interval that is no round number takes no unit away", () => {
    const policy = { name: "x", limit: 7, window: 1000 };
    let state: number | undefined;
    for (let i = 0; i < 7; i += 1) {
      const decision = planRate(state, 1e12, policy);
      expect(decision.kind).toBe("admit");
      if (decision.kind === "admit") state = decision.state;
    }
    expect(planRate(state, 1e12, policy).kind).toBe("reject");
  });

  const policies = fc.record({
    name: fc.constant("p"),
    limit: fc.integer({ min: 1, max: 50 }),
    window: fc.integer({ min: 100, max: 10_000 }),
    burst: fc.integer({ min: 1, max: 20 }),
  });

  test("in no stretch of time are more admitted than the burst and what it has paid back", () => {
    forAll(policies, fc.array(fc.nat(300), { maxLength: 60 }), (policy, gaps) => {
      const admitted: number[] = [];
      let state: number | undefined;
      let now = 1_700_000_000_000;
      for (const gap of gaps) {
        now += gap;
        const decision = planRate(state, now, policy);
        if (decision.kind === "reject") continue;
        state = decision.state;
        admitted.push(now);
      }
      for (const [i, from] of admitted.entries()) {
        for (const [j, to] of admitted.entries()) {
          if (j < i) continue;
          const most = policy.burst + ((to - from) * policy.limit) / policy.window;
          expect(j - i + 1).toBeLessThanOrEqual(most + 0.01);
        }
      }
    });
  });

  test("who waits as told is admitted, who comes earlier is not", () => {
    forAll(policies, fc.nat(20_000), (policy, debt) => {
      const decision = planRate(debt, 0, policy);
      if (decision.kind === "admit") return true;
      const early = planRate(debt, decision.retryAfter - 1, policy);
      return (
        planRate(debt, decision.retryAfter, policy).kind === "admit" &&
        (decision.retryAfter <= 1 || early.kind === "reject")
      );
    });
  });
});

describe("the memory store", () => {
  test("keeps clients apart", () => {
    const store = new MemoryRateStore();
    const one = { name: "x", limit: 1, window: 1000 };
    expect(store.take("a", 0, one).kind).toBe("admit");
    expect(store.take("a", 0, one).kind).toBe("reject");
    expect(store.take("b", 0, one).kind).toBe("admit");
    expect(store.take("a", 1000, one).kind).toBe("admit");
  });

  test("forgets who has paid back, and never holds more than its capacity", () => {
    const store = new MemoryRateStore(100);
    for (let i = 0; i < 1000; i += 1) {
      store.take(`client ${i}`, 0, TEN_PER_SECOND);
      expect(store.size).toBeLessThanOrEqual(100);
    }
    for (let i = 0; i < 100; i += 1) store.take("one", 10_000 + i * 100, TEN_PER_SECOND);
    expect(store.size).toBe(1);
  });

  test("at its capacity the client that came last stays", () => {
    const store = new MemoryRateStore(1);
    const one = { name: "x", limit: 1, window: 1000 };
    store.take("a", 0, one);
    store.take("b", 0, one);
    expect(store.take("b", 0, one).kind).toBe("reject");
  });
});

test("the fields tell the policy and what is left", () => {
  const policy = { name: 'per "client"', limit: 100, window: 60_000 };
  const decision = planRate(undefined, 0, policy, 50);
  expect(rateLimitPolicyField(policy)).toBe('"per \\"client\\""; q=100; w=60');
  expect(rateLimitField(policy, decision)).toBe('"per \\"client\\""; r=50; t=30');
  expect(rateLimitPolicyField({ ...policy, name: "s", window: 250 })).toBe('"s"; q=100; w=1');
  expect(retryAfterField(1)).toBe("1");
  expect(retryAfterField(1001)).toBe("2");
  expect(retryAfterField(Number.POSITIVE_INFINITY)).toBeUndefined();
});

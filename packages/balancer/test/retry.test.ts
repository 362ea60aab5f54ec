import { forAll, seededRandom } from "@headgate/testing";
import * as fc from "fast-check";
import type { AttemptFailure } from "../src/retry/attempt-failure.ts";
import { planRetry, type RetryInput } from "../src/retry/plan-retry.ts";
import { RetryBudget } from "../src/retry/retry-budget.ts";

const refused: AttemptFailure = { phase: "connect", kind: "refused", bytesSent: false };
const reset: AttemptFailure = { phase: "sent", kind: "reset", bytesSent: true };
const status: AttemptFailure = { phase: "head", kind: "status", bytesSent: true };

function input(more: Partial<RetryInput> = {}): RetryInput {
  return {
    method: "GET",
    attempts: 1,
    retries: 2,
    failure: reset,
    replayable: true,
    responseStarted: false,
    budget: new RetryBudget(),
    now: 0,
    random: () => 0.5,
    ...more,
  };
}

describe("planRetry", () => {
  test.each<[string, Partial<RetryInput>, object]>([
    ["a refused connection fails over at once", { failure: refused }, { kind: "retry", delay: 0, reason: "failover" }],
    ["so does a refused POST", { method: "POST", failure: refused }, { kind: "retry", delay: 0 }],
    ["and one at the second attempt", { attempts: 2, failure: refused }, { kind: "retry", delay: 0 }],
    [
      "a backend found down while waiting",
      { failure: { phase: "head", kind: "unreachable", bytesSent: true } },
      { delay: 0 },
    ],
    ["a POST that was sent is not repeated", { method: "POST" }, { kind: "give-up", reason: "not-idempotent" }],
    ["nor a PATCH", { method: "PATCH" }, { kind: "give-up", reason: "not-idempotent" }],
    ["nor a method in lower case", { method: "get" }, { kind: "give-up", reason: "not-idempotent" }],
    ["a POST with an Idempotency-Key is", { method: "POST", idempotencyKey: true }, { kind: "retry" }],
    [
      "a POST that timed out connecting is",
      { method: "POST", failure: { phase: "connect", kind: "connect-timeout", bytesSent: false } },
      { kind: "retry" },
    ],
    ["PUT is idempotent", { method: "PUT" }, { kind: "retry", reason: "backoff" }],
    ["DELETE is idempotent", { method: "DELETE" }, { kind: "retry" }],
    [
      "a head time-out is retried",
      { failure: { phase: "head", kind: "head-timeout", bytesSent: true } },
      { kind: "retry" },
    ],
    [
      "a malformed answer is not",
      { failure: { phase: "head", kind: "bad-response", bytesSent: true } },
      { kind: "give-up", reason: "failure-not-retried" },
    ],
    [
      "unless the pool says so",
      { failure: { phase: "head", kind: "bad-response", bytesSent: true }, on: new Set(["bad-response"]) },
      { kind: "retry" },
    ],
    [
      "what the pool leaves out is not",
      { failure: reset, on: new Set(["refused"]) },
      { kind: "give-up", reason: "failure-not-retried" },
    ],
    [
      "nothing once the client has seen a byte",
      { failure: refused, responseStarted: true },
      { kind: "give-up", reason: "response-started" },
    ],
    ["no body, no replay", { replayable: false }, { kind: "give-up", reason: "body-not-replayable" }],
    ["the last attempt", { attempts: 3 }, { kind: "give-up", reason: "no-attempts-left" }],
    ["retries: 0", { retries: 0, failure: refused }, { kind: "give-up", reason: "no-attempts-left" }],
    ["no time left", { now: 1000, deadline: 1030 }, { kind: "give-up", reason: "deadline" }],
    [
      "a deadline that is past",
      { failure: refused, now: 1000, deadline: 1000 },
      { kind: "give-up", reason: "deadline" },
    ],
    ["time left", { now: 1000, deadline: 1300 }, { kind: "retry" }],
    [
      "Retry-After is waited for",
      { failure: status, retryAfter: 400 },
      { kind: "retry", delay: 400, reason: "retry-after" },
    ],
    [
      "a shorter one than the back-off is covered by it",
      { failure: status, retryAfter: 1 },
      { kind: "retry", reason: "backoff" },
    ],
    [
      "a long one goes to the client",
      { failure: status, retryAfter: 30_000 },
      { kind: "give-up", reason: "retry-after-too-long" },
    ],
    [
      "no budget",
      { failure: refused, budget: new RetryBudget({ minPerSecond: 0 }) },
      { kind: "give-up", reason: "budget" },
    ],
  ])("%s", (_, more, expected) => {
    expect(planRetry(input(more))).toMatchObject(expected);
  });

  test("waits grow and stay between 25 and 250 ms", () => {
    forAll(fc.integer({ min: 1, max: 9 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempts, drawn) => {
      const plan = planRetry(input({ attempts, retries: 10, random: () => drawn }));
      if (plan.kind !== "retry") throw new Error("expected a retry");
      expect(plan.delay).toBeGreaterThanOrEqual(25);
      expect(plan.delay).toBeLessThanOrEqual(Math.min(250, 25 * 2 ** attempts));
    });
  });

  test("a method that is not idempotent is never repeated once a byte was sent", () => {
    const kinds = fc.constantFrom<AttemptFailure["kind"]>(
      "refused",
      "reset",
      "head-timeout",
      "status",
      "tls",
      "unreachable",
    );
    forAll(fc.constantFrom("POST", "PATCH", "CONNECT", "PURGE"), kinds, fc.nat(5), (method, kind, retries) => {
      const failure: AttemptFailure = { phase: "sent", kind, bytesSent: true };
      expect(planRetry(input({ method, failure, retries })).kind).toBe("give-up");
    });
  });

  test("giving up costs no budget", () => {
    const budget = new RetryBudget({ minPerSecond: 0.1 });
    planRetry(input({ budget, method: "POST" }));
    planRetry(input({ budget, deadline: 0 }));
    expect(budget.left(0)).toBe(1);
    expect(planRetry(input({ budget, failure: refused })).kind).toBe("retry");
    expect(budget.left(0)).toBe(0);
  });
});

describe("RetryBudget", () => {
  test("a quiet pool may retry ten times a second over its window", () => {
    const budget = new RetryBudget();
    expect(Array.from({ length: 101 }, () => budget.take(0)).filter(Boolean)).toHaveLength(100);
    expect(budget.take(9_000)).toBe(false);
    expect(budget.take(10_000)).toBe(true);
  });

  test("one in five exchanges earns a retry", () => {
    const budget = new RetryBudget({ minPerSecond: 0 });
    for (let i = 0; i < 10; i++) budget.deposit(0);
    expect([budget.take(0), budget.take(0), budget.take(0)]).toEqual([true, true, false]);
    expect(budget.left(10_000)).toBe(0);
  });

  test("a storm in which all fails adds no more than its share and its reserve", () => {
    const random = seededRandom(5);
    const budget = new RetryBudget();
    let retries = 0;
    let exchanges = 0;
    for (let now = 0; now < 60_000; now += random() * 4) {
      budget.deposit(now);
      exchanges++;
      for (let attempts = 1; attempts <= 2; attempts++) if (budget.take(now)) retries++;
    }
    expect(retries).toBeLessThanOrEqual(0.2 * exchanges + 10 * 70);
    expect(retries).toBeGreaterThan(0.2 * exchanges);
  });
});

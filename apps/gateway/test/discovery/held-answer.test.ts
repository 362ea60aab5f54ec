import { forAll } from "@headgate/testing";
import fc from "fast-check";
import type { DnsAnswer } from "../../src/control/discovery/dns-answer.ts";
import { HeldAnswer } from "../../src/control/discovery/held-answer.ts";

const RULES = { floor: 1000, hold: 30_000, stale: 600_000 };
const EMPTY: DnsAnswer = { kind: "empty", reason: "no such name" };
const FAILED: DnsAnswer = { kind: "failed", reason: "connection refused" };

function records(ttl: number, ...addresses: string[]): DnsAnswer {
  return { kind: "records", addresses, services: [], ttl };
}

/** One that was told an address with a TTL of a second at 0. */
function told(rules = RULES): HeldAnswer {
  const held = new HeldAnswer(rules);
  held.take(records(1000, "10.0.0.1"), 0);
  return held;
}

test("is asked at once, then as the TTL says, within floor and a day", () => {
  const held = new HeldAnswer(RULES);
  expect(held.askAt).toBeLessThan(0);
  for (const [ttl, next] of [
    [5000, 5000],
    [0, 1000],
    [999, 1000],
    [2 ** 31 * 1000, 86_400_000],
  ] as const) {
    held.take(records(ttl, "10.0.0.1"), 100);
    expect(held.askAt).toBe(100 + next);
    expect(held.nextAt).toBe(100 + next);
  }
});

test("is asked again after a fault with a back-off of up to ten seconds, that a good answer ends", () => {
  const held = told();
  let now = 1000;
  const waits = Array.from({ length: 6 }, () => {
    held.take(FAILED, now);
    const wait = held.askAt - now;
    now = held.askAt;
    return wait;
  });
  expect(waits).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
  held.take(records(1000, "10.0.0.1"), now);
  held.take(FAILED, now);
  expect(held.askAt - now).toBe(1000);
});

test("a floor above the longest back-off still holds", () => {
  const held = told({ ...RULES, floor: 60_000 });
  held.take(FAILED, 0);
  held.take(FAILED, 60_000);
  expect(held.askAt).toBe(120_000);
});

test("empty answers: the records stay for `hold` from the first of them, then they are dropped", () => {
  const held = told();
  held.take(EMPTY, 1000);
  held.take(EMPTY, 30_999);
  expect(held.addresses).toEqual(["10.0.0.1"]);
  expect(held.nextAt).toBe(31_000);
  held.expire(30_999);
  expect(held.addresses).toEqual(["10.0.0.1"]);
  held.expire(31_000);
  expect(held.addresses).toEqual([]);
  expect(held.fault).toEqual(EMPTY);
});

test("a good answer in between begins the time anew", () => {
  const held = told();
  held.take(EMPTY, 1000);
  held.take(records(1000, "10.0.0.2"), 20_000);
  held.take(EMPTY, 21_000);
  held.expire(50_999);
  expect(held.addresses).toEqual(["10.0.0.2"]);
  expect(held.fault).toEqual(EMPTY);
});

test("a dead server: the records stay for `stale`, far beyond `hold`", () => {
  const held = told();
  for (let now = 1000; now < 600_000; now += 10_000) held.take(FAILED, now);
  expect(held.addresses).toEqual(["10.0.0.1"]);
  held.expire(600_999);
  expect(held.addresses).toEqual(["10.0.0.1"]);
  held.expire(601_000);
  expect(held.addresses).toEqual([]);
});

test("an empty answer after a long failure is held by its own time", () => {
  const held = told();
  held.take(FAILED, 1000);
  held.take(EMPTY, 100_000);
  held.expire(129_999);
  expect(held.addresses).toEqual(["10.0.0.1"]);
  held.expire(130_000);
  expect(held.addresses).toEqual([]);
});

test("hold 0 drops at the first empty answer", () => {
  const held = told({ ...RULES, hold: 0 });
  held.take(EMPTY, 1000);
  expect(held.addresses).toEqual([]);
});

const answer = fc.oneof(
  fc.constant(EMPTY),
  fc.constant(FAILED),
  fc.nat(100_000).map((ttl) => records(ttl, "10.0.0.1")),
);

test("never asks within the floor, and never keeps records longer than the last good answer plus the longest hold", () => {
  forAll(fc.array(fc.tuple(answer, fc.nat(50_000)), { maxLength: 40 }), (script) => {
    const held = new HeldAnswer(RULES);
    let now = 0;
    let bad: number | null = null;
    for (const [each, wait] of script) {
      now += wait;
      held.expire(now);
      held.take(each, now);
      bad = each.kind === "records" ? null : (bad ?? now);
      expect(held.askAt - now).toBeGreaterThanOrEqual(RULES.floor);
      if (bad !== null && now >= bad + RULES.stale) expect(held.addresses).toEqual([]);
      if (bad === null) expect(held.addresses).toEqual(["10.0.0.1"]);
    }
  });
});

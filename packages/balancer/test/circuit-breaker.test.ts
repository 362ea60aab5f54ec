import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { CircuitBreaker } from "../src/overload/circuit-breaker.ts";

const options = { failureShare: 0.5, minimum: 4, window: 1000, openFor: 100, longest: 300, probes: 2 };

/** The era of an attempt that must be admitted. */
function admit(breaker: CircuitBreaker, now: number): number {
  const admission = breaker.admit(now);
  if (admission.kind === "refuse") throw new Error(`Refused: ${admission.reason}.`);
  return admission.era;
}

/** One attempt a sign at `now`: `+` succeeds, `-` fails. */
function run(breaker: CircuitBreaker, signs: string, now: number): void {
  for (const sign of signs) {
    const era = admit(breaker, now);
    if (sign === "+") breaker.succeeded(era, now);
    else breaker.failed(era, now);
  }
}

function opened(): CircuitBreaker {
  const breaker = new CircuitBreaker(options);
  run(breaker, "----", 0);
  return breaker;
}

test.each([
  ["---", "closed"],
  ["----", "open"],
  ["--++", "closed"],
  ["--++-", "open"],
  ["++++---", "closed"],
  ["++++----", "open"],
])("after %s it is %s", (signs, state) => {
  const breaker = new CircuitBreaker(options);
  run(breaker, signs.slice(0, -1), 0);
  expect(breaker.state).toBe("closed");
  run(breaker, signs.slice(-1), 0);
  expect(breaker.state).toBe(state);
});

test("failures that are long past do not count", () => {
  const breaker = new CircuitBreaker(options);
  run(breaker, "---", 0);
  run(breaker, "-", 1500);
  expect(breaker.state).toBe("closed");
});

test("refuses while open, and says for how long", () => {
  expect(opened().admit(40)).toEqual({ kind: "refuse", reason: "open", retryAfter: 60 });
});

test("half open it lets its probes through and no more; when all succeed it closes and begins anew", () => {
  const breaker = opened();
  const eras = [admit(breaker, 100), admit(breaker, 100)];
  expect(breaker.state).toBe("half-open");
  expect(breaker.admit(100)).toMatchObject({ kind: "refuse", reason: "probing" });
  for (const era of eras) {
    expect(breaker.state).toBe("half-open");
    breaker.succeeded(era, 110);
  }
  expect(breaker.state).toBe("closed");
  run(breaker, "---", 110);
  expect(breaker.state).toBe("closed");
});

test("a probe that fails opens it for twice as long, up to the longest", () => {
  const breaker = opened();
  let now = 100;
  for (const duration of [200, 300, 300]) {
    breaker.failed(admit(breaker, now), now);
    expect(breaker.admit(now)).toEqual({ kind: "refuse", reason: "open", retryAfter: duration });
    now += duration;
  }
});

test("a probe whose client left makes room for another", () => {
  const breaker = opened();
  admit(breaker, 100);
  const left = admit(breaker, 100);
  breaker.abandoned(left);
  expect(breaker.admit(100).kind).toBe("admit");
});

test("attempts from before it opened say nothing of the probes", () => {
  const breaker = new CircuitBreaker(options);
  const old = Array.from({ length: 6 }, () => admit(breaker, 0));
  run(breaker, "----", 0);
  const probe = admit(breaker, 100);
  breaker.succeeded(old[0] ?? 0, 100);
  breaker.succeeded(old[1] ?? 0, 100);
  breaker.failed(old[2] ?? 0, 100);
  breaker.abandoned(old[3] ?? 0);
  expect(breaker.state).toBe("half-open");
  expect(probe).toBe(admit(breaker, 100));
  expect(breaker.admit(100).kind).toBe("refuse");
});

test("whatever happens, attempts that end let it close again", () => {
  const step = fc.constantFrom("ok", "bad", "left");
  forAll(fc.array(fc.tuple(step, fc.nat(200)), { maxLength: 100 }), (steps) => {
    const breaker = new CircuitBreaker(options);
    let now = 0;
    for (const [how, gap] of steps) {
      now += gap;
      const admission = breaker.admit(now);
      if (admission.kind === "refuse") continue;
      if (how === "ok") breaker.succeeded(admission.era, now);
      else if (how === "bad") breaker.failed(admission.era, now);
      else breaker.abandoned(admission.era);
    }
    run(breaker, "++", now + 1000);
    expect(breaker.state).toBe("closed");
  });
});

test("asked what it would refuse with, it changes nothing", () => {
  const breaker = opened();
  expect(breaker.refusal(40)).toEqual({ kind: "refuse", reason: "open", retryAfter: 60 });
  for (let asked = 0; asked < 5; asked++) expect(breaker.refusal(100)).toBeNull();
  expect(breaker.state).toBe("open");
  admit(breaker, 100);
  admit(breaker, 100);
  expect(breaker.refusal(100)).toMatchObject({ reason: "probing" });
});

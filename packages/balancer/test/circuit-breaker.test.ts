import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { CircuitBreaker } from "../src/overload/circuit-breaker.ts";

const options = { failureShare: 0.5, minimum: 4, window: 1000, openFor: 100, longest: 300, probes: 2 };

function opened(now = 0): CircuitBreaker {
  const breaker = new CircuitBreaker(options);
  for (let i = 0; i < 4; i++) breaker.failed(now);
  return breaker;
}

test("opens when half of enough attempts fail, not before", () => {
  const breaker = new CircuitBreaker(options);
  breaker.failed(0);
  breaker.failed(0);
  breaker.succeeded(0);
  expect(breaker.state).toBe("closed");
  breaker.succeeded(0);
  breaker.succeeded(0);
  expect(breaker.state).toBe("closed");
  breaker.failed(0);
  expect(breaker.state).toBe("open");
});

test("failures that are long past do not count", () => {
  const breaker = new CircuitBreaker(options);
  for (let i = 0; i < 3; i++) breaker.failed(0);
  breaker.failed(1500);
  expect(breaker.state).toBe("closed");
});

test("refuses while open, and says for how long", () => {
  expect(opened().admit(40)).toEqual({ kind: "refuse", reason: "open", retryAfter: 60 });
});

test("half open it lets its probes through and no more; when all succeed it closes", () => {
  const breaker = opened();
  expect(breaker.admit(100).kind).toBe("admit");
  expect(breaker.state).toBe("half-open");
  expect(breaker.admit(100).kind).toBe("admit");
  expect(breaker.admit(100)).toMatchObject({ kind: "refuse", reason: "probing" });
  breaker.succeeded(110);
  expect(breaker.admit(110).kind).toBe("refuse");
  breaker.succeeded(110);
  expect(breaker.state).toBe("closed");
  breaker.failed(110);
  expect(breaker.state).toBe("closed");
});

test("a probe that fails opens it for twice as long, up to the longest; what ends late changes nothing", () => {
  const breaker = opened();
  let now = 100;
  for (const duration of [200, 300, 300]) {
    breaker.admit(now);
    breaker.failed(now);
    expect(breaker.admit(now)).toEqual({ kind: "refuse", reason: "open", retryAfter: duration });
    breaker.succeeded(now);
    breaker.abandoned();
    breaker.failed(now);
    expect(breaker.state).toBe("open");
    now += duration;
  }
});

test("a probe whose client left makes room for another", () => {
  const breaker = opened();
  breaker.admit(100);
  breaker.admit(100);
  breaker.abandoned();
  expect(breaker.admit(100).kind).toBe("admit");
});

test("whatever happens, attempts that end let it close again", () => {
  const step = fc.constantFrom("ok", "bad", "left");
  forAll(fc.array(fc.tuple(step, fc.nat(200)), { maxLength: 100 }), (steps) => {
    const breaker = new CircuitBreaker(options);
    let now = 0;
    const once = (how: string): void => {
      if (breaker.admit(now).kind === "refuse") return;
      if (how === "ok") breaker.succeeded(now);
      else if (how === "bad") breaker.failed(now);
      else breaker.abandoned();
    };
    for (const [how, gap] of steps) {
      now += gap;
      once(how);
    }
    now += 1000;
    once("ok");
    once("ok");
    expect(breaker.state).toBe("closed");
  });
});

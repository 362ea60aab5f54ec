import { forAll } from "@headgate/testing";
import fc from "fast-check";
import type { Service } from "../../src/control/discovery/dns-answer.ts";
import { settleServices } from "../../src/control/discovery/services.ts";

const service = (target: string, priority: number, weight: number, port = 80): Service => ({
  ...{ target, priority, weight, port },
});

test("priorities become ranks, and the order is by rank, target and port", () => {
  const settled = settleServices([
    service("b.internal", 20, 5),
    service("A.internal", 20, 5),
    service("a.internal", 10, 1, 81),
    service("a.internal", 10, 1),
  ]);
  expect(settled.map(({ target, port, priority }) => `${priority} ${target}:${port}`)).toEqual([
    "0 a.internal:80",
    "0 a.internal:81",
    "1 a.internal:80",
    "1 b.internal:80",
  ]);
});

test("weights keep their ratio within 1 to 1000; 0 is the smallest", () => {
  const weights = (...given: number[]): number[] =>
    settleServices(given.map((weight, index) => service(`${index}`, 0, weight))).map(({ weight }) => weight);
  expect(weights(0, 0)).toEqual([1, 1]);
  expect(weights(0, 10, 30)).toEqual([1, 10, 30]);
  expect(weights(65_535, 6553, 1)).toEqual([1000, 100, 1]);
});

const services = fc.array(
  fc
    .record({
      target: fc.constantFrom("a", "b", "c"),
      priority: fc.nat(65_535),
      weight: fc.nat(65_535),
      port: fc.nat(9),
    })
    .map((each): Service => each),
);

test("the order of an answer is of no account", () => {
  forAll(services, (given) => {
    const told = (each: readonly Service[]): string[] =>
      settleServices(each).map(({ target, port, priority }) => `${priority} ${target}:${port}`);
    expect(told(given.toReversed())).toEqual(told(given));
    for (const { weight } of settleServices(given)) expect(weight >= 1 && weight <= 1000).toBe(true);
  });
});

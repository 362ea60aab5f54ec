import { seededRandom } from "@headgate/testing";
import { createPolicy, PLAIN_POLICIES, type PolicySpec } from "../src/create-policy.ts";
import type { BackendOptions, ChooseContext, PoolOptions } from "../src/index.ts";
import { backendOf, context, id, names, options, poolOf } from "./helpers.ts";

const specs: [string, PolicySpec][] = [
  ...PLAIN_POLICIES.map((name): [string, PolicySpec] => [name, name]),
  ["consistent-hash", { policy: "consistent-hash", bound: 1.5 }],
  ["maglev", { policy: "consistent-hash", table: "maglev" }],
];

/** Choices that look at no more than log n backends stay far below this, those that look at all of them far above. */
const FEW = 16;

/** What may make a choice more than a pick of the policy, though never a look at all. */
const CIRCUMSTANCES: [string, Partial<ChooseContext>, PoolOptions, (index: number) => Partial<BackendOptions>][] = [
  ["as it is mostly", {}, {}, () => ({})],
  ["after two attempts", { tried: [id("10.0.0.1:80"), id("10.0.3.2:80")] }, {}, () => ({})],
  ["of several priorities and zones", {}, { zone: "a" }, (i) => ({ priority: i % 3, zone: i % 2 === 0 ? "a" : "b" })],
  ["of different weights", {}, {}, (index) => ({ weight: 1 + (index % 7) })],
  ["of a subset", { tried: [id("10.0.0.1:80")] }, { subset: { size: 100, gateway: "gw" } }, () => ({})],
  ["with a limit of each", {}, {}, () => ({ maxActive: 8 })],
];

describe.each(CIRCUMSTANCES)("a choice %s", (_, more, options_, own) => {
  test.each(specs)("%s looks at few of a thousand backends", (_, spec) => {
    const pool = poolOf(
      createPolicy(spec),
      names(1000).map((name, index) => options(name, own(index))),
      options_,
    );
    let looks = 0;
    for (const backend of pool.backends) {
      let active = 0;
      Object.defineProperty(backend, "active", {
        get: () => {
          looks++;
          return active;
        },
        set: (value: number) => {
          active = value;
        },
      });
    }
    const random = seededRandom(9);
    const running: ReturnType<typeof backendOf>[] = [];
    const choose = (index: number): void => {
      running.push(backendOf(pool.choose(context({ random, hashKey: `key-${index}`, ...more }))));
      const ended = index % 3 === 0 ? running.shift() : undefined;
      if (ended !== undefined) pool.release(ended, { latency: 5, failed: false, now: 0 });
    };
    for (let index = 0; index < 100; index++) choose(index);
    looks = 0;
    for (let index = 0; index < 5000; index++) choose(index);
    expect(looks / 5000).toBeLessThan(FEW);
  });
});

import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { createKeyRing, DEFAULT_API_KEY, weakKeys } from "../src/index.ts";

const KEYS = [
  { name: "dev", key: DEFAULT_API_KEY },
  { name: "shop", key: "shop-key-0123456789" },
  { name: "shop", key: "shop-key-rotated-1" },
];

describe.each(["", "a secret of this process"])("a key ring with the secret %j", (secret) => {
  const ring = createKeyRing(KEYS, secret);

  test.each([
    [DEFAULT_API_KEY, { kind: "identified", name: "dev" }],
    ["shop-key-0123456789", { kind: "identified", name: "shop" }],
    ["shop-key-rotated-1", { kind: "identified", name: "shop" }],
    [undefined, { kind: "missing" }],
    ["", { kind: "missing" }],
    ["test-api-key-12", { kind: "invalid" }],
    ["test-api-key-1234", { kind: "invalid" }],
    ["TEST-API-KEY-123", { kind: "invalid" }],
    [" test-api-key-123", { kind: "invalid" }],
  ])("identifies %j", (presented, identification) => {
    expect(ring.identify(presented)).toEqual(identification);
  });

  test("lets nobody else in", () => {
    forAll(fc.string(), (presented) => {
      const known = KEYS.some(({ key }) => key === presented);
      return known || ring.identify(presented).kind !== "identified";
    });
  });
});

test("a ring without keys lets nobody in", () => {
  expect(createKeyRing([]).identify("x")).toEqual({ kind: "invalid" });
});

test("the ring does not show its keys", () => {
  expect(JSON.stringify(createKeyRing(KEYS))).not.toContain("key");
});

test("an empty key and a shared key are refused", () => {
  expect(() => createKeyRing([{ name: "a", key: "" }])).toThrow('The API key "a" is empty');
  const shared = [
    { name: "a", key: "x" },
    { name: "b", key: "x" },
  ];
  expect(() => createKeyRing(shared)).toThrow('The API keys "a" and "b" are the same');
});

test("weak keys are the development key and short ones", () => {
  expect(weakKeys([...KEYS, { name: "short", key: "x".repeat(15) }, { name: "fine", key: "x".repeat(16) }])).toEqual([
    { name: "dev", reason: "default" },
    { name: "short", reason: "short" },
  ]);
});

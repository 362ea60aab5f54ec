import { needsOwnSigning } from "../../src/cluster/own-signing.ts";
import type { ConfigInput } from "../../src/config/schema.ts";
import { snapshot } from "../control-support.ts";

const backends = ["http://127.0.0.1:8000"];
const secret = "a-secret-of-thirty-two-characters";
const split = [
  { pool: "default", weight: 1 },
  { pool: "other", weight: 1 },
];
const assigned = (assign: object): ConfigInput =>
  ({ pools: { default: { backends }, other: { backends } }, routes: [{ path: "/", split, assign }] }) as ConfigInput;

test.each<[string, ConfigInput, boolean]>([
  ["no cookies", { pools: { default: { backends } } }, false],
  ["sessions by a secret of their own", { pools: { default: { backends, sticky: { secret } } } }, false],
  ["sessions", { pools: { default: { backends, sticky: {} } } }, true],
  ["a split by hash", assigned({ by: "client" }), false],
  ["a split by a cookie with a secret", assigned({ cookie: "side", secret }), false],
  ["a split by a cookie", assigned({ cookie: "side" }), true],
])("%s", (_, input, needs) => {
  expect(needsOwnSigning(snapshot(input))).toBe(needs);
});

import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { createAddressRules, createTrust, isCidr } from "../src/index.ts";

const allowed = (rule?: string) => ({ kind: "allowed", rule });
const denied = (rule: string) => ({ kind: "denied", reason: "deny-rule", rule });
const NOT_LISTED = { kind: "denied", reason: "not-in-allow-list" };
const NOT_AN_ADDRESS = { kind: "denied", reason: "not-an-address" };

describe("allow and deny together", () => {
  const rules = createAddressRules({
    allow: ["10.0.0.0/8", "2001:db8::/32", "::ffff:192.168.0.0/112", "::1"],
    deny: ["10.6.6.6", "10.7.0.0/16", "2001:db8:bad::/48"],
  });

  test.each([
    ["10.1.2.3", allowed("10.0.0.0/8")],
    ["::ffff:10.1.2.3", allowed("10.0.0.0/8")],
    ["::ffff:a01:203", allowed("10.0.0.0/8")],
    ["10.6.6.6", denied("10.6.6.6")],
    ["::ffff:10.7.1.1", denied("10.7.0.0/16")],
    ["11.0.0.1", NOT_LISTED],
    ["192.168.3.4", allowed("::ffff:192.168.0.0/112")],
    ["192.169.3.4", NOT_LISTED],
    ["2001:db8::1", allowed("2001:db8::/32")],
    ["2001:DB8:0:0:0:0:0:1%eth0", allowed("2001:db8::/32")],
    ["2001:db8:bad::1", denied("2001:db8:bad::/48")],
    ["2001:db9::1", NOT_LISTED],
    ["::1", allowed("::1")],
    ["", NOT_AN_ADDRESS],
    ["unknown", NOT_AN_ADDRESS],
    ["10.1", NOT_AN_ADDRESS],
    ["012.1.2.3", NOT_AN_ADDRESS],
    ["0x0a.1.2.3", NOT_AN_ADDRESS],
    ["10.1.2.3:80", NOT_AN_ADDRESS],
    ["10.1.2.300", NOT_AN_ADDRESS],
  ])("%s", (address, decision) => {
    expect(rules.check(address)).toEqual(decision);
  });
});

test("without an allow list all may come that are not denied", () => {
  const rules = createAddressRules({ deny: ["0.0.0.0/1"] });
  expect(rules.check("1.2.3.4")).toEqual(denied("0.0.0.0/1"));
  expect(rules.check("200.2.3.4")).toEqual(allowed());
  expect(rules.check("::1")).toEqual(allowed());
});

test("without rules all may come, even from a socket without an address", () => {
  expect(createAddressRules({}).check("")).toEqual(allowed());
});

test.each([
  ["10.0.0.0/8", true],
  ["1.2.3.4", true],
  ["::/0", true],
  ["0.0.0.0/0", true],
  ["10.0.0.0/33", false],
  ["::/129", false],
  ["10.0.0.0/", false],
  ["10/8", false],
  ["010.0.0.0/8", false],
  ["10.0.0.0/8 ", false],
  ["localhost", false],
  ["", false],
])("isCidr(%j) is %s", (text, expected) => {
  expect(isCidr(text)).toBe(expected);
  if (!expected) expect(() => createAddressRules({ allow: [text] })).toThrow(`"${text}" is not an address or a range`);
});

test("trusted proxies", () => {
  const isTrusted = createTrust(["127.0.0.0/8", "fd00::/8"]);
  expect(isTrusted("127.9.9.9")).toBe(true);
  expect(isTrusted("::ffff:127.0.0.1")).toBe(true);
  expect(isTrusted("fd12::1")).toBe(true);
  expect(isTrusted("128.0.0.1")).toBe(false);
  expect(isTrusted("unknown")).toBe(false);
  expect(createTrust([])("127.0.0.1")).toBe(false);
});

test("a range holds exactly the addresses with its prefix", () => {
  const octet = fc.nat(255);
  const address = fc.tuple(octet, octet, octet, octet);
  const value = (octets: number[]) => octets.reduce((sum, part) => sum * 256 + part, 0);
  forAll(address, address, fc.integer({ min: 0, max: 32 }), (network, client, bits) => {
    const size = 2 ** (32 - bits);
    const inside = Math.floor(value(network) / size) === Math.floor(value(client) / size);
    expect(createTrust([`${network.join(".")}/${bits}`])(client.join("."))).toBe(inside);
  });
});

test("no text makes a check throw", () => {
  const rules = createAddressRules({ allow: ["10.0.0.0/8", "::/0"] });
  const text = fc.oneof(
    fc.string(),
    fc.ipV4Extended(),
    fc.ipV6(),
    fc.string({ unit: fc.constantFrom(..."0123.:%/fx") }),
  );
  forAll(text, (address) => rules.check(address).kind !== undefined);
});

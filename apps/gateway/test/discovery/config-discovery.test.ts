import { parseConfig } from "../../src/config/parse.ts";
import { parseDnsServer } from "../../src/config/schema/discovery.ts";

const parse = (discovery: unknown) => parseConfig({ pools: { default: { discovery } } });

test("every setting but the name has its default, and backends may be left out", () => {
  expect(parse({ dns: { name: "api.internal" } }).sections.pools?.default).toMatchObject({
    backends: [],
    discovery: {
      dns: {
        ...{ name: "api.internal", type: "address", scheme: "http", family: "any", limit: 1000 },
        ...{ floor: 1000, hold: 30_000, stale: 86_400_000, timeout: 2000 },
      },
    },
  });
});

test.each([
  [{}, "pools.default.discovery", "dns, file or both"],
  [{ dns: {} }, "pools.default.discovery.dns.name", "a whole domain name"],
  [{ dns: { name: "a b" } }, "pools.default.discovery.dns.name", "a whole domain name"],
  [{ dns: { name: `${"x".repeat(64)}.a` } }, "pools.default.discovery.dns.name", "a whole domain name"],
  [{ dns: { name: "a", type: "srv", port: 80 } }, "pools.default.discovery.dns.port", "nothing, since SRV records"],
  [
    { dns: { name: "a", servers: ["ns.internal"] } },
    "pools.default.discovery.dns.servers.0",
    "a DNS server's IP address",
  ],
  [{ dns: { name: "a", floor: "1ms" } }, "pools.default.discovery.dns.floor", "a duration of at least 100ms"],
  [{ file: { path: "b.ts" } }, "pools.default.discovery.file.path", "the path of a .yaml, .yml or .json file"],
])("%j is refused at %s", (discovery, path, expected) => {
  expect(parse(discovery).findings.map((each) => [each.path.join("."), each.expected])).toEqual([
    [path, expect.stringContaining(expected)],
  ]);
});

test("a pool without backends and without discovery is refused", () => {
  expect(parseConfig({ pools: { default: {} } }).findings).toMatchObject([
    {
      path: ["pools", "default", "backends"],
      found: "nothing",
      expected: expect.stringContaining("a list of backends"),
    },
  ]);
});

test.each([
  ["10.0.0.2", { host: "10.0.0.2", port: 53 }],
  ["10.0.0.2:5353", { host: "10.0.0.2", port: 5353 }],
  ["fd00::2", { host: "fd00::2", port: 53 }],
  ["[fd00::2]:5353", { host: "fd00::2", port: 5353 }],
  ["[fd00::2]", { host: "fd00::2", port: 53 }],
  ["10.0.0.2:0", undefined],
  ["10.0.0.2:65536", undefined],
  ["[10.0.0.2]:53", undefined],
  ["10.0.0", undefined],
  ["ns.internal", undefined],
  ["", undefined],
])("the DNS server %j", (written, expected) => {
  expect(parseDnsServer(written)).toEqual(expected);
});

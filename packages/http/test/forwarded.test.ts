import {
  appendForwarded as appendInPlace,
  clientAddress,
  type FieldList,
  type ForwardedHop,
  replaceForwarded as replaceInPlace,
} from "../src/index.ts";

function replaceForwarded(fields: readonly string[], hop: ForwardedHop): FieldList {
  const list = [...fields];
  replaceInPlace(list, hop);
  return list;
}

function appendForwarded(fields: readonly string[], hop: ForwardedHop): FieldList {
  const list = [...fields];
  appendInPlace(list, hop);
  return list;
}

const HOP: ForwardedHop = { peerAddress: "192.0.2.7", scheme: "https", host: "shop.example:8443", port: 8443 };

test("what an untrusted peer claims is replaced, all of it", () => {
  const spoofed = [
    ...["Accept", "*/*", "X-Forwarded-For", "1.1.1.1", "x-forwarded-for", "2.2.2.2", "FORWARDED", "for=1.1.1.1"],
    ...["X-Forwarded-Prefix", "/admin", "X-Forwarded-Proto", "http", "X-Real-IP", "1.1.1.1", "X-Forward", "stays"],
  ];
  const before = [...spoofed];
  expect(replaceForwarded(spoofed, HOP)).toEqual([
    ...["Accept", "*/*", "X-Forward", "stays"],
    ...["X-Forwarded-For", "192.0.2.7", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "shop.example:8443"],
    ...["X-Forwarded-Port", "8443", "Forwarded", 'for=192.0.2.7;host="shop.example:8443";proto=https'],
  ]);
  expect(spoofed).toEqual(before);
});

test("to what a trusted peer says, the peer itself is appended", () => {
  const fields = ["x-forwarded-for", "9.9.9.9", "X-Forwarded-For", "8.8.8.8", "X-Forwarded-Proto", "http"];
  expect(appendForwarded([...fields, "Forwarded", "for=9.9.9.9"], HOP)).toEqual([
    ...["X-Forwarded-For", "9.9.9.9, 8.8.8.8, 192.0.2.7", "X-Forwarded-Proto", "http"],
    ...["Forwarded", 'for=9.9.9.9, for=192.0.2.7;host="shop.example:8443";proto=https'],
    ...["X-Forwarded-Host", "shop.example:8443", "X-Forwarded-Port", "8443"],
  ]);
});

test("a trusted peer's host and port stay, and it may say nothing", () => {
  const said = ["X-Forwarded-Host", "a", "X-Forwarded-Port", "1", "X-Forwarded-For", ""];
  expect(appendForwarded(said, HOP).slice(0, 6)).toEqual([...said.slice(0, 5), "192.0.2.7"]);
  expect(appendForwarded([], HOP)).toEqual(replaceForwarded([], HOP));
});

test.each([
  ["::1", "::1", 'for="[::1]";host=a;proto=http'],
  ["::ffff:10.0.0.1", "10.0.0.1", "for=10.0.0.1;host=a;proto=http"],
])("the address %s", (peerAddress, plain, member) => {
  const fields = replaceForwarded([], { peerAddress, scheme: "http", host: "a", port: 80 });
  expect(fields[1]).toBe(plain);
  expect(fields.at(-1)).toBe(member);
});

test("a host that is not known is not told", () => {
  const fields = replaceForwarded([], { ...HOP, host: "" });
  expect(fields).not.toContain("X-Forwarded-Host");
  expect(fields.at(-1)).toBe("for=192.0.2.7;proto=https");
  expect(appendForwarded([], { ...HOP, host: "" })).not.toContain("X-Forwarded-Host");
});

test.each<[string, string | undefined, string]>([
  ["10.0.0.1", undefined, "10.0.0.1"],
  ["8.8.8.8", "1.1.1.1", "8.8.8.8"],
  ["10.0.0.1", "1.1.1.1", "1.1.1.1"],
  ["::ffff:10.0.0.1", "1.1.1.1, 10.0.0.2", "1.1.1.1"],
  ["10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.2", "1.1.1.1"],
  ["10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
  ["10.0.0.1", "1.1.1.1:4711", "1.1.1.1"],
  ["10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"],
  ["10.0.0.1", "1.1.1.1, ", "10.0.0.1"],
])("behind the peer %s with X-Forwarded-For %j the client is %s", (peer, value, client) => {
  const fields = value === undefined ? [] : ["X-Forwarded-For", value];
  expect(clientAddress(peer, fields, (address) => address.startsWith("10."))).toBe(client);
});

import { type FieldList, FieldSection, getField, getFields } from "@headgate/http";
import { fieldList, forAll } from "@headgate/testing";
import type { Exchange } from "../../src/exchange.ts";
import { ExchangeTrace } from "../../src/observability/exchange-trace.ts";
import { repeatedFields, requestFields } from "../../src/upstream/request-fields.ts";
import { aGeneration, aRoute, aRoutedExchange, type ExchangeChanges } from "./support/exchanges.ts";

const trusting = aGeneration({ trusted: ["192.0.2.1"] });
const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const OURS = new ExchangeTrace(TRACE, () => 0.5);

const fieldsOf = (exchange: Exchange): FieldList => requestFields(exchange, repeatedFields(exchange, "headgate"));

function sent(changes: ExchangeChanges): FieldList {
  const exchange = aRoutedExchange(changes);
  exchange.record.trace = OURS;
  return fieldsOf(exchange);
}

const withFields = (...fields: string[]): FieldList => sent({ fields });

test("end-to-end fields go on as they came: order, spelling and repetitions", () => {
  const fields = ["User-Agent", "curl", "cookie", "a=1", "X-Many", "1", "x-many", "2"];
  expect(withFields(...fields).slice(2, 10)).toEqual(fields);
});

test.each<[string, string[], string]>([
  ["hop-by-hop fields", ["Keep-Alive", "timeout=5", "Proxy-Authorization", "Basic x", "Upgrade", "h2c"], "keep-alive"],
  ["proxy credentials", ["Proxy-Authorization", "Basic x"], "proxy-authorization"],
  ["fields that Connection lists", ["Connection", "close, X-Hop", "X-Hop", "1"], "x-hop"],
  ["Connection itself", ["Connection", "keep-alive"], "connection"],
  ["the upgrade", ["Connection", "Upgrade", "Upgrade", "websocket"], "upgrade"],
  ["the length, which is each hop's own", ["Content-Length", "0"], "content-length"],
  ["the coding, which is each hop's own", ["Transfer-Encoding", "chunked"], "transfer-encoding"],
  ["the expectation, which is met here", ["Expect", "100-continue"], "expect"],
  ["the API key", ["X-API-Key", "secret"], "x-api-key"],
  ["the API key in other spelling, and again", ["x-api-KEY", "secret", "X-Api-Key", "other"], "x-api-key"],
  ["TE beyond trailers", ["TE", "gzip"], "te"],
])("%s stay here", (_name, fields, gone) => {
  expect(getFields(withFields("X-Stays", "1", ...fields), gone)).toEqual([]);
  expect(getField(withFields("X-Stays", "1", ...fields), "x-stays")).toBe("1");
});

test.each([
  ["api-key", undefined],
  ["none", "Bearer secret"],
] as const)("keys in Authorization: on a route with auth %s the backend gets %s", (auth, expected) => {
  const generation = aGeneration({ keyField: "authorization", routes: [aRoute({ auth })] });
  const fields = ["Authorization", "Bearer secret", "X-API-Key", "not ours"];
  const out = sent({ fields, generation });
  expect([getField(out, "authorization"), getField(out, "x-api-key")]).toEqual([expected, "not ours"]);
});

test("fields that keep the request safe go on even where Connection lists them", () => {
  const out = withFields("Connection", "Authorization, Cookie, Host", "Authorization", "Basic x", "Cookie", "a=1");
  expect([getField(out, "authorization"), getField(out, "cookie")]).toEqual(["Basic x", "a=1"]);
  expect(getFields(out, "host")).toEqual(["example.com"]);
});

test("trailers may come where the client takes them", () => {
  expect(getFields(withFields("TE", "trailers, deflate;q=0.5", "Connection", "TE"), "te")).toEqual(["trailers"]);
});

test("there is one Host: what routes were matched on", () => {
  const out = sent({ target: "http://Other.org:81/x", fields: ["Host", "example.com"] });
  expect(getFields(out, "host")).toEqual(["other.org:81"]);
  const old = aRoutedExchange({ version: "1.0" });
  old.host = "";
  expect(getFields(fieldsOf(old), "host")).toEqual([]);
});

const SPOOFED = [
  ...["X-Forwarded-For", "203.0.113.9", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "evil.org"],
  ...["X-Forwarded-Port", "1", "Forwarded", "for=203.0.113.9", "X-Real-IP", "203.0.113.9", "X-Forwarded-User", "root"],
];

test("what a stranger says of the way is replaced, all of it", () => {
  const out = withFields(...SPOOFED);
  const told = (name: string): string[] => getFields(out, name);
  expect(told("x-forwarded-for")).toEqual(["192.0.2.1"]);
  expect(told("x-forwarded-proto")).toEqual(["http"]);
  expect(told("x-forwarded-host")).toEqual(["example.com"]);
  expect(told("x-forwarded-port")).toEqual(["8080"]);
  expect(told("forwarded")).toEqual(["for=192.0.2.1;host=example.com;proto=http"]);
  expect([...told("x-real-ip"), ...told("x-forwarded-user")]).toEqual([]);
  expect(out.join(" ")).not.toContain("203.0.113.9");
});

test("what a trusted peer says of the way is added to", () => {
  const out = sent({ fields: SPOOFED, generation: trusting });
  expect(getFields(out, "x-forwarded-for")).toEqual(["203.0.113.9, 192.0.2.1"]);
  expect(getFields(out, "forwarded")).toEqual(["for=203.0.113.9, for=192.0.2.1;host=example.com;proto=http"]);
  expect(getFields(out, "x-forwarded-proto")).toEqual(["https"]);
  expect(getFields(out, "x-forwarded-host")).toEqual(["evil.org"]);
});

test("our id and trace take the place of what came", () => {
  const theirs = ["X-Request-Id", "theirs", "traceparent", `00-${"a".repeat(32)}-${"b".repeat(16)}-00`];
  const out = withFields(...theirs);
  expect([getFields(out, "x-request-id"), getFields(out, "traceparent")]).toEqual([["id-1"], [OURS.traceparent]]);
});

test("tracestate goes on with a trace that is continued, and not without", () => {
  const state = ["tracestate", "vendor=1"];
  expect(getFields(withFields("traceparent", TRACE, ...state), "tracestate")).toEqual(["vendor=1"]);
  expect(getFields(withFields("traceparent", "00-nonsense", ...state), "tracestate")).toEqual([]);
  expect(getFields(withFields(...state), "tracestate")).toEqual([]);
});

test.each<[ExchangeChanges, string]>([
  [{}, "1.1 headgate"],
  [{ version: "1.0" }, "1.0 headgate"],
  [{ version: "2.0" }, "2.0 headgate"],
  [{ fields: ["Via", "1.0 fred", "via", "1.1 bob"] }, "1.0 fred, 1.1 bob, 1.1 headgate"],
])("Via for %j is %s", (changes, expected) => {
  expect(getFields(sent(changes), "via")).toEqual([expected]);
});

test("whatever a client sends, nothing that frames a message or ends at this hop goes on", () => {
  const never = ["connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "expect", "x-api-key"];
  forAll(fieldList(), (given) => {
    const fields = given.filter((_text, index) => given[index - (index % 2)]?.toLowerCase() !== "host");
    const exchange = aRoutedExchange({ fields: ["Host", "example.com", ...fields] });
    const out = fieldsOf(exchange);
    for (const name of never) expect(getFields(out, name)).toEqual([]);
    for (const name of ["host", "via", "x-request-id", "x-forwarded-for"]) expect(getFields(out, name)).toHaveLength(1);
    expect(out.length % 2).toBe(0);
  });
});

test("the fields that the client sent are left as they are", () => {
  const fields = ["Host", "example.com", "Connection", "close", "X-API-Key", "secret", "X-Forwarded-For", "1.1.1.1"];
  const before = [...fields];
  sent({ fields });
  sent({ fields, generation: trusting });
  expect(fields).toEqual(before);
});

test("requests of one connection with the same fields are each sent on by their own host, trust and route", () => {
  const section = new FieldSection(["Host", "a", "X-API-Key", "secret", "X-Forwarded-For", "192.0.2.9", "X-A", "1"]);
  const open = aGeneration({ routes: [aRoute({ auth: "none" })], keyField: "authorization" });
  const changes: ExchangeChanges[] = [
    { section },
    { section, generation: trusting },
    { section, generation: open },
    { section, target: "http://b/" },
    { section, version: "1.0" },
    { section },
  ];
  const together = changes.map(sent);
  const apart = changes.map((change) => sent({ ...change, section: new FieldSection(section.list) }));
  expect(together).toEqual(apart);
  expect(new Set(together.map(String)).size).toBe(5);
});

test("what is added to one request is not in the next", () => {
  const section = new FieldSection(["Host", "a"]);
  const first = sent({ section });
  first.push("X-Added", "1");
  expect(getField(sent({ section }), "x-added")).toBeUndefined();
});

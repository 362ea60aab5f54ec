import { FieldSection } from "@headgate/http";
import { authenticate } from "../../src/layers/authenticate.ts";
import { aGeneration, aRoute, aRoutedExchange, thrownBy } from "./support/exchanges.ts";

const routes = [aRoute({ name: "/open", prefix: "/open", auth: "none" }), aRoute({ auth: "api-key" })];
const generation = aGeneration({
  routes,
  keys: { "secret-1": "dev" },
  config: { auth: { header: "X-Key" } },
  keyField: "x-key",
});

function entering(target: string, ...fields: string[]) {
  const exchange = aRoutedExchange({ target, fields, generation });
  return { exchange, error: thrownBy(() => authenticate().enter?.(exchange)) };
}

test("a known key lets in, in its name", () => {
  const { exchange, error } = entering("/", "x-KEY", "secret-1");
  expect(error).toBeUndefined();
  expect([exchange.identity, exchange.record.identity]).toEqual(["dev", "dev"]);
});

test.each<[string, string[], string]>([
  ["no key", [], "missing-credential"],
  ["an unknown key", ["X-Key", "secret-2"], "invalid-credential"],
  ["an empty key", ["X-Key", ""], "invalid-credential"],
  ["a key in another field", ["X-API-Key", "secret-1"], "missing-credential"],
])("%s is refused, and told how to ask", (_name, fields, code) => {
  const { exchange, error } = entering("/", ...fields);
  expect(error).toMatchObject({
    code,
    status: 401,
    fields: ["WWW-Authenticate", 'ApiKey realm="headgate", header="X-Key"'],
  });
  expect(exchange.identity).toBeNull();
});

test("the refusal does not repeat the key", () => {
  const { error } = entering("/", "X-Key", "secret-2");
  expect(JSON.stringify(error)).not.toContain("secret-2");
  expect(String(error)).not.toContain("secret-2");
});

test("a route without authentication asks for nothing and learns nothing", () => {
  const { exchange, error } = entering("/open/x", "X-Key", "secret-1");
  expect([error, exchange.identity]).toEqual([undefined, null]);
});

test("the keys of a connection's section are asked once, and again where the config has changed", () => {
  let asked = 0;
  const identify = (key: string | undefined) => {
    asked += 1;
    return generation.identify(key);
  };
  const counting = { ...generation, identify };
  const revoked = { ...aGeneration({ routes }), keyField: "x-key" };
  const section = new FieldSection(["Host", "a", "X-Key", "secret-1"]);
  const enter = (current: typeof generation) => {
    const exchange = aRoutedExchange({ section, generation: current });
    const error = thrownBy(() => authenticate().enter?.(exchange));
    return error ?? exchange.identity;
  };
  expect([enter(counting), enter(counting), asked]).toEqual(["dev", "dev", 1]);
  expect(enter(revoked)).toMatchObject({ code: "invalid-credential" });
  expect([enter(counting), asked]).toEqual(["dev", 2]);
});

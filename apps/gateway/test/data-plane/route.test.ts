import { GatewayError } from "../../src/gateway-error.ts";
import { route } from "../../src/layers/route.ts";
import type { CompiledRoute } from "../../src/routing.ts";
import { aGeneration, anExchange, aRoute, thrownBy } from "./support/exchanges.ts";

const routes: CompiledRoute[] = [
  aRoute({ name: "/public", prefix: "/public" }),
  aRoute({ name: "/admin", prefix: "/admin", host: "example.com" }),
  aRoute({ name: "/docs", prefix: "/docs", methods: new Set(["GET"]) }),
];

/** What the layer makes of a request: the route's name, or the code of its refusal. */
function routed(target: string, method = "GET", host = "example.com"): string {
  const exchange = anExchange({ target, method, fields: ["Host", host], generation: aGeneration({ routes }) });
  const { targetPlan: plan } = exchange.head;
  if (plan.kind !== "accept") return plan.kind;
  exchange.pathname = plan.normalizedPathname;
  exchange.host = plan.host;
  exchange.record.path = plan.pathname;
  const error = thrownBy(() => route().enter?.(exchange));
  if (error instanceof GatewayError) return error.code;
  expect([exchange.record.route, exchange.record.pool]).toEqual([exchange.route?.name, "default"]);
  return exchange.route?.name ?? "none";
}

test.each([
  ["/public/x", "/public"],
  ["/admin", "/admin"],
  ["/nowhere", "no-route"],
  ["/public/./x", "/public"],
  ["/public/a/../b", "/public"],
  ["/admin/../admin/x", "/admin"],
])("%s leads to %s", (target, expected) => {
  expect(routed(target)).toBe(expected);
});

test.each([
  "/public/../admin",
  "/public/%2e%2e/admin",
  "/public/..%2fadmin",
  "/public/%2E./admin/x",
  "/%61dmin",
  "/nowhere/../admin",
])("%s is a path of two routes, by who reads it, and is refused", (target) => {
  expect(routed(target)).toBe("ambiguous-path");
});

test("host and method count", () => {
  expect(routed("/admin", "GET", "other.org")).toBe("no-route");
  expect(routed("/docs", "POST")).toBe("no-route");
  expect(routed("/docs", "GET")).toBe("/docs");
});

test("the refusal says what was asked for", () => {
  const exchange = anExchange({ generation: aGeneration({ routes }) });
  Object.assign(exchange, { pathname: "/x", host: "example.com" });
  exchange.record.path = "/x";
  expect(thrownBy(() => route().enter?.(exchange))).toMatchObject({
    status: 404,
    detail: "No route takes GET /x at example.com.",
  });
});

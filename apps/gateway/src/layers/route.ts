import type { Exchange } from "../exchange.ts";
import { GatewayError } from "../gateway-error.ts";
import type { Layer } from "../layer.ts";

/** Finds the route that says what holds for this request. */
export function route(): Layer {
  return {
    name: "route",
    enter(exchange) {
      const found = match(exchange);
      exchange.route = found;
      exchange.record.route = found.name;
      exchange.pool = found.pool;
      exchange.record.pool = found.pool?.name ?? null;
      return undefined;
    },
  };
}

function match({ generation, host, pathname, path, head, record }: Exchange) {
  const { method, fields } = head;
  const found = generation.route(host, pathname, method, fields, path);
  if (found === undefined)
    throw new GatewayError("no-route", `No route takes ${method} ${pathname}${host === "" ? "" : ` at ${host}`}.`);
  // The backend reads the path as it was sent: it must not thereby be that of a route with other rules.
  if (record.path !== pathname && generation.route(host, record.path, method, fields, path) !== found) {
    throw new GatewayError(
      "ambiguous-path",
      "The path leads to different routes before and after dot segments and encodings are resolved.",
    );
  }
  return found;
}

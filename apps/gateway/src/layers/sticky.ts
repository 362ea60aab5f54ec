import { hasField } from "@headgate/http";
import { replaceFields } from "../exchange.ts";
import type { Layer } from "../layer.ts";

/**
 * Keeps a client at its backend by a cookie. Outside the cache, since the cookie is one client's: a stored response has
 * none, a hit sets none, and a request that has one is looked up as if it had not.
 */
export function sticky(): Layer {
  return {
    name: "sticky",
    enter(exchange) {
      const sessions = exchange.pool?.rules.sessions;
      if (sessions === null || sessions === undefined) return undefined;
      const { head } = exchange;
      const fields = head.fields.slice();
      exchange.session = sessions.take(fields);
      if (hasField(head.fields, "cookie")) replaceFields(head, fields);
      return undefined;
    },
    leave(exchange, response) {
      const { session, pool, head } = exchange;
      if (session === null || session.assigned === null) return response;
      const sessions = pool?.rules.sessions;
      if (sessions !== null && sessions !== undefined)
        response.fields.push("Set-Cookie", sessions.pin(session.assigned, head.scheme));
      return response;
    },
  };
}

import { hasField } from "@headgate/http";
import { replaceFields } from "../exchange.ts";
import type { Layer } from "../layer.ts";
import type { PoolPlan } from "../upstream/pool-split.ts";

export interface AssignParts {
  readonly random: () => number;
}

/**
 * Decides which pool a request of a split route goes to. Outside the cache: what it holds of one pool is not for clients
 * of another, and who gets something from it stays with the pool that it is of.
 */
export function assign({ random }: AssignParts): Layer {
  return {
    name: "assign",
    enter(exchange) {
      const split = exchange.route?.split ?? null;
      if (split === null) return undefined;
      const { head, client, path, record } = exchange;
      const fields = head.fields.slice();
      const plan = split.plan({ fields, client, path }, random);
      if (hasField(head.fields, "cookie")) replaceFields(head, fields);
      exchange.assignment = plan;
      exchange.pool = plan.side.pool;
      record.pool = plan.side.name;
      record.poolWhy = reasonOf(plan);
      return undefined;
    },
    leave(exchange, response) {
      const { assignment, route, head } = exchange;
      if (assignment === null) return response;
      const cookie = route?.split?.cookieFor(assignment, head.scheme) ?? null;
      if (cookie !== null) response.fields.push("Set-Cookie", cookie);
      return response;
    },
  };
}

function reasonOf(plan: PoolPlan): string {
  return plan.kind === "draw" ? `draw-${plan.reason}` : plan.kind;
}

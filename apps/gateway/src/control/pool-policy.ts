import { createPolicy, type Policy } from "@headgate/balancer";
import type { PoolConfig } from "./connection-options.ts";

type Balancing = PoolConfig["balancing"];

/** A new policy as the config says. */
export function policyOf(balancing: Balancing): Policy {
  if (typeof balancing === "string") return createPolicy(balancing);
  const { policy, table, bound } = balancing;
  return createPolicy({ policy, table, ...(bound === undefined ? {} : { bound }) });
}

/** Its name, as the status shows it. */
export function policyName(balancing: Balancing): string {
  return typeof balancing === "string" ? balancing : balancing.policy;
}

/** What stands beside the name, as the status shows it. */
export function policyParameters(balancing: Balancing): Readonly<Record<string, unknown>> {
  if (typeof balancing === "string") return {};
  const { policy: _, ...parameters } = balancing;
  return parameters;
}

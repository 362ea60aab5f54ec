import { createPolicy, type Policy, type PolicySpec } from "@headgate/balancer";
import type { PoolConfig } from "./connection-options.ts";

type Balancing = PoolConfig["balancing"];

/** The policy that the config names. */
export function policySpec(balancing: Balancing): PolicySpec {
  if (typeof balancing === "string") return balancing;
  const { policy, table, bound } = balancing;
  return { policy, table, ...(bound === undefined ? {} : { bound }) };
}

/** A new one. */
export function policyOf(balancing: Balancing): Policy {
  return createPolicy(policySpec(balancing));
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

import { buildMaglev } from "./hashing/maglev.ts";
import { buildRing } from "./hashing/ring.ts";
import { ConsistentHash } from "./policies/consistent-hash.ts";
import { LeastConnections } from "./policies/least-connections.ts";
import { LoadAware } from "./policies/load-aware.ts";
import { PeakEwmaPolicy } from "./policies/peak-ewma.ts";
import { PowerOfTwo } from "./policies/power-of-two.ts";
import { RandomPolicy } from "./policies/random.ts";
import { RoundRobin } from "./policies/round-robin.ts";
import { WeightedRoundRobin } from "./policies/weighted-round-robin.ts";
import type { Policy } from "./policy.ts";

/** A policy that needs no more than its name. */
export type PlainPolicyName =
  | "round-robin"
  | "weighted-round-robin"
  | "least-connections"
  | "random"
  | "power-of-two"
  | "peak-ewma"
  | "load-aware";

const PLAIN: Readonly<Record<PlainPolicyName, () => Policy>> = {
  "round-robin": () => new RoundRobin(),
  "weighted-round-robin": () => new WeightedRoundRobin(),
  "least-connections": () => new LeastConnections(),
  random: () => new RandomPolicy(),
  "power-of-two": () => new PowerOfTwo(),
  "peak-ewma": () => new PeakEwmaPolicy(),
  "load-aware": () => new LoadAware(),
};

/** All of them, for the config's schema and for comparisons. */
export const PLAIN_POLICIES: readonly PlainPolicyName[] = Object.keys(PLAIN) as PlainPolicyName[];

export interface ConsistentHashSpec {
  readonly policy: "consistent-hash";
  /** `ring` is ketama, `maglev` spreads more evenly and is built faster. Default `ring`. */
  readonly table?: "ring" | "maglev";
  /** The most that one takes, as a multiple of its fair share of the attempts in flight, from 1. Default unbounded. */
  readonly bound?: number;
}

export type PolicySpec = PlainPolicyName | ConsistentHashSpec;

/** A new policy as the config names it. */
export function createPolicy(spec: PolicySpec): Policy {
  if (typeof spec === "string") return PLAIN[spec]();
  return new ConsistentHash(spec.table === "maglev" ? buildMaglev : buildRing, spec.bound);
}

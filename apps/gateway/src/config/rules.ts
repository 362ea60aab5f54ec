import { distinctKeys, ownKeyInProduction, someKey } from "./rules/keys.ts";
import { distinctPorts } from "./rules/listeners.ts";
import {
  certificateWithKey,
  crossSiteSecure,
  distinctBackends,
  orderedTimeouts,
  subsetOfAlike,
} from "./rules/pools.ts";
import { soundRedis } from "./rules/redis.ts";
import { crossSiteSplits, distinctSides, knownPools, ownSplitCookies, reachableRoutes } from "./rules/routes.ts";
import type { Rule, RuleContext, Sections, Verdict } from "./rules/rule.ts";

const RULES: readonly Rule[] = [
  distinctPorts,
  distinctKeys,
  ownKeyInProduction,
  someKey,
  distinctBackends,
  certificateWithKey,
  crossSiteSecure,
  subsetOfAlike,
  orderedTimeouts,
  knownPools,
  distinctSides,
  crossSiteSplits,
  ownSplitCookies,
  reachableRoutes,
  soundRedis,
];

/** Checks what the schema cannot: rules across keys and sections. */
export function applyRules(sections: Sections, context: RuleContext): Verdict {
  const verdicts = RULES.map((rule) => rule(sections, context));
  return {
    findings: verdicts.flatMap(({ findings }) => findings),
    warnings: verdicts.flatMap(({ warnings }) => warnings),
  };
}

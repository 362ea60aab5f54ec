import { type CidrSet, compileCidrs, parseAddress } from "./cidr.ts";

/** Who may come, as addresses and ranges in CIDR notation, v4 and v6. */
export interface AddressRuleTexts {
  /** Where it is empty or absent, all may come that are not denied. */
  readonly allow?: readonly string[] | undefined;
  /** Comes before `allow`. */
  readonly deny?: readonly string[] | undefined;
}

/** The decision and the rule, as written, that made it. */
export type AddressDecision =
  | { readonly kind: "allowed"; readonly rule: string | undefined }
  | { readonly kind: "denied"; readonly reason: "deny-rule"; readonly rule: string }
  | { readonly kind: "denied"; readonly reason: "not-in-allow-list" | "not-an-address" };

export interface AddressRules {
  readonly check: (address: string) => AddressDecision;
}

const ALLOWED: AddressDecision = { kind: "allowed", rule: undefined };
const NOT_LISTED: AddressDecision = { kind: "denied", reason: "not-in-allow-list" };
const NOT_AN_ADDRESS: AddressDecision = { kind: "denied", reason: "not-an-address" };

/**
 * Compiles address rules once. What is no address is denied as soon as there is a rule.
 * @throws Error naming the first rule that is no address and no range
 */
export function createAddressRules(texts: AddressRuleTexts): AddressRules {
  const allow = compileCidrs(texts.allow ?? []);
  const deny = compileCidrs(texts.deny ?? []);
  if (allow.size === 0 && deny.size === 0) return { check: () => ALLOWED };
  return { check: (address) => decide(address, allow, deny) };
}

function decide(text: string, allow: CidrSet, deny: CidrSet): AddressDecision {
  const address = parseAddress(text);
  if (address === undefined) return NOT_AN_ADDRESS;
  const denied = deny.find(address);
  if (denied !== undefined) return { kind: "denied", reason: "deny-rule", rule: denied };
  if (allow.size === 0) return ALLOWED;
  const rule = allow.find(address);
  return rule === undefined ? NOT_LISTED : { kind: "allowed", rule };
}

/**
 * Compiles the addresses of trusted proxies into one question: does this address belong to them? What is no address does not.
 * @throws Error naming the first that is no address and no range
 */
export function createTrust(cidrs: readonly string[]): (address: string) => boolean {
  const trusted = compileCidrs(cidrs);
  if (trusted.size === 0) return () => false;
  return (text) => {
    const address = parseAddress(text);
    return address !== undefined && trusted.find(address) !== undefined;
  };
}

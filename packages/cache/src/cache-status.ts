import { sfMember, sfString, sfTokenOrString } from "@headgate/http";

/** What X-Cache says. */
export type XCache = "HIT" | "MISS" | "STALE" | "REVALIDATED" | "BYPASS";

/** Why a request went upstream (RFC 9211 §2.2). */
export type ForwardReason = "bypass" | "method" | "uri-miss" | "vary-miss" | "miss" | "request" | "stale" | "partial";

/** How the cache handled a request, for Cache-Status (RFC 9211). Times in ms. */
export type CacheOutcome =
  /** Answered from the cache; a negative `ttl` is how long it has been stale. */
  | {
      readonly kind: "hit";
      readonly ttl: number;
      readonly detail?: string | undefined;
      readonly key?: string | undefined;
    }
  | {
      readonly kind: "forward";
      readonly fwd: ForwardReason;
      /** Status of the answer from upstream, where the client gets another. */
      readonly fwdStatus?: number | undefined;
      /** What the client gets comes from an entry: one that a 304 has refreshed, or a stale one after a failure. */
      readonly served?: "revalidated" | "stale" | undefined;
      readonly ttl?: number | undefined;
      readonly stored?: boolean | undefined;
      readonly collapsed?: boolean | undefined;
      readonly key?: string | undefined;
      readonly detail?: string | undefined;
    }
  /** Neither answered from the cache nor forwarded. */
  | { readonly kind: "refused"; readonly detail: string };

const NAME = "headgate";

function quoted(text: string | undefined): string | undefined {
  return text === undefined ? undefined : sfString(text);
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.floor(ms / 1000);
}

function detail(text: string | undefined): string | undefined {
  return text === undefined ? undefined : sfTokenOrString(text);
}

/** The member of Cache-Status for this cache, such as `headgate; fwd=uri-miss; stored`. */
export function cacheStatus(outcome: CacheOutcome): string {
  if (outcome.kind === "hit") {
    // By far the most frequent, and only the number changes.
    const hit = `${NAME}; hit; ttl=${Math.floor(outcome.ttl / 1000)}`;
    if (outcome.detail === undefined && outcome.key === undefined) return hit;
    return sfMember(hit, [
      ["key", quoted(outcome.key)],
      ["detail", detail(outcome.detail)],
    ]);
  }
  if (outcome.kind === "refused") return sfMember(NAME, [["detail", detail(outcome.detail)]]);
  const { fwdStatus, ttl, stored, collapsed, key } = outcome;
  const isPlain = fwdStatus === undefined && ttl === undefined && collapsed === undefined && key === undefined;
  return isPlain && stored !== true ? passed(outcome.fwd, outcome.detail) : forwarded(outcome);
}

function forwarded({ fwd, fwdStatus, ttl, stored, collapsed, key, detail: why }: Forward): string {
  return sfMember(NAME, [
    ["fwd", fwd],
    ["fwd-status", fwdStatus],
    ["ttl", seconds(ttl)],
    ["stored", stored],
    ["collapsed", collapsed],
    ["key", quoted(key)],
    ["detail", detail(why)],
  ]);
}

type Forward = Extract<CacheOutcome, { kind: "forward" }>;

/** What is told of most of those that went upstream, by its parts: there are few reasons, and the same text for each. */
const told = new Map<string, Map<string | undefined, string>>();
/** Details for each reason to forward. */
const MAX_DETAILS = 100;

function passed(fwd: ForwardReason, why: string | undefined): string {
  let ofReason = told.get(fwd);
  if (ofReason === undefined) {
    ofReason = new Map();
    told.set(fwd, ofReason);
  }
  let text = ofReason.get(why);
  if (text === undefined) {
    text = forwarded({ kind: "forward", fwd, detail: why });
    if (ofReason.size < MAX_DETAILS) ofReason.set(why, text);
  }
  return text;
}

/** The value of X-Cache. */
export function xCache(outcome: CacheOutcome): XCache {
  if (outcome.kind === "hit") return outcome.ttl > 0 ? "HIT" : "STALE";
  if (outcome.kind === "refused") return "MISS";
  if (outcome.served !== undefined) return outcome.served === "stale" ? "STALE" : "REVALIDATED";
  return outcome.fwd === "bypass" || outcome.fwd === "method" ? "BYPASS" : "MISS";
}

import type { ExchangeRecord } from "./exchange-record.ts";

/** Ended with a 5xx status or broke off. */
export function isError({ status, outcome }: ExchangeRecord): boolean {
  return status >= 500 || outcome === "broken-off";
}

/** The cache was asked. */
export function isLookup({ cache }: ExchangeRecord): boolean {
  return cache !== null && cache !== "BYPASS";
}

/** The cache answered without a backend. */
export function isHit({ cache }: ExchangeRecord): boolean {
  return cache === "HIT" || cache === "STALE";
}

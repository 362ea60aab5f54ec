import type { CacheTold, EntryTold, StoringTold } from "../explain/explanation.ts";
import { duration, size } from "./table-format.ts";

const REASONS: Readonly<Record<string, string>> = {
  "uri-miss": "nothing is stored for this URL",
  "vary-miss": "what is stored was selected by other values of the fields that its Vary names",
  "identity-miss": "what is stored is for somebody else",
  "cookie-miss": "the request has cookies, and what is stored does not say that they make no difference",
  partial: "a part is stored; the rest is asked for",
  "partial-miss": "what is stored is another part",
  stale: "what is stored is stale",
  "no-cache": "what is stored is to be validated at each use",
  "request-no-cache": "the request wants what is stored to be validated",
  "request-max-age": "what is stored is older than the request takes",
  "request-min-fresh": "what is stored is not fresh for as long as the request wants",
  "stale-while-revalidate": "it is stale, and would be validated in the background",
  "max-stale": "it is stale, and the request takes that",
  "only-if-cached": "only a stored response is asked for, and there is none",
  method: "requests with this method are not answered from the cache",
  upgrade: "it asks for another protocol",
  route: "the route does not cache",
  "request-body": "the request has content",
  "no-store": "the request says no-store",
  precondition: "If-Match and If-Unmodified-Since are for the backend to judge",
  "bypass-header": "the route's `bypass` names one of its fields",
  "bypass-cookie": "the route's `bypass` names one of its cookies",
  "bypass-query": "the route's `bypass` names one of its parameters",
};

const NOT_STORED: Readonly<Record<string, string>> = {
  method: "answers to this method are not stored",
  authorization: "the request has Authorization, and the response does not say that it is for others too",
  cookie: "the request has cookies, and the response does not say how long it holds",
  "no-freshness": "nothing says how long it holds, and `ttl` is 0",
  "request-no-store": "the request says no-store",
};

/** What the cache would do, in lines. */
export function cacheLines(cache: CacheTold): string[] {
  const { result, reason, key, entry, variants, underWay, standsIn, storing, invalidates } = cache;
  const why = reason === null ? "" : `, ${reason}: ${REASONS[reason] ?? "see docs/caching.md"}`;
  return [
    `${result}${cache.plan === "revalidate" ? " if the backend answers 304, else MISS" : ""}${why}`,
    ...(key === null ? [] : [`key ${[key.url, ...key.parts].join(", ")}`]),
    ...(entry === null ? [] : [entryLine(entry, variants)]),
    ...(standsIn ? ["where no backend answers, it would be served all the same"] : []),
    ...(underWay ? ["this URL is being fetched now: it may wait for that, and share it"] : []),
    ...(storing === null ? [] : [storingLine(storing)]),
    ...invalidates.map((url) => `where a backend answers well, what is stored for ${url} goes`),
  ];
}

function entryLine({ status, age, ttl, size: bytes, backend, identity }: EntryTold, variants: number): string {
  const left = ttl > 0 ? `${duration(ttl)} left` : `stale for ${duration(-ttl)}`;
  const others = variants > 1 ? `; one of ${variants} variants` : "";
  return `stored: ${status} of ${backend}, ${size(bytes)}, ${duration(age)} old, ${left}${forWhom(identity)}${others}`;
}

function storingLine(storing: StoringTold): string {
  const silent = "a 200 that says nothing of caching";
  if (storing.kind === "pass")
    return `${silent} is not stored, ${storing.reason}: ${NOT_STORED[storing.reason] ?? "see docs/caching.md"}`;
  const { ttl, identity, largest } = storing;
  const fresh = ttl > 0 ? `for ${duration(ttl)}` : "to be validated at each use";
  return `${silent} is stored ${fresh}${forWhom(identity)}, up to ${size(largest)}`;
}

function forWhom(identity: string | null): string {
  return identity === null ? "" : `, for ${identity} alone`;
}

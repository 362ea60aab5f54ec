import { getField, joinField, splitList } from "@headgate/http";
import { readContentRange } from "./content-range.ts";
import type { Demands } from "./demands.ts";
import { dateField, type Freshness, freshnessOf, initialAge } from "./freshness.ts";
import type { CachePolicy } from "./policy.ts";
import { type ResponseControl, readResponseControl } from "./response-control.ts";
import { storedFields } from "./stored-fields.ts";
import { readTags } from "./tags.ts";
import type { CacheRequest, EntryHead, StaleRule, StoredPart, VaryTerm } from "./types.ts";
import { varyTerms } from "./vary.ts";

/** A response head with the request that it answers. Times in ms. */
export interface ResponseInput {
  readonly request: CacheRequest;
  readonly demands: Demands;
  readonly policy: CachePolicy;
  /** When the request was sent on. */
  readonly requestTime: number;
  /** When the head of the response was here. */
  readonly responseTime: number;
  readonly status: number;
  readonly fields: readonly string[];
  /** Who answered. */
  readonly backend: string;
}

/** A response head, read. */
export interface Assessment {
  readonly control: ResponseControl;
  readonly freshness: Freshness;
  /** ms; undefined where Date is missing or invalid. */
  readonly date: number | undefined;
  /** undefined where Vary holds "*". */
  readonly vary: readonly VaryTerm[] | undefined;
}

/** The default lifetime, unless something hints that nobody meant this response to be shared or kept. */
function fallbackOf({ demands, policy, fields }: ResponseInput): number {
  if (demands.cookie) return 0;
  // Has no meaning in responses, but who sends it wishes no caching (RFC 9111 §5.4).
  return /\bno-cache\b/i.test(joinField(fields, "pragma") ?? "") ? 0 : policy.ttl;
}

/** Reads all that a response head says on caching. @param control its directives, if they have been read */
export function assess(
  input: ResponseInput,
  control: ResponseControl = readResponseControl(input.fields, input.policy.targets),
): Assessment {
  const { status, fields, responseTime } = input;
  const date = dateField(fields, "date", responseTime);
  const freshness = freshnessOf({
    status,
    fields,
    control,
    date: date ?? responseTime,
    fallback: fallbackOf(input),
    now: responseTime,
  });
  return { control, freshness, date, vary: varyTerms(fields, input.request.fields) };
}

function staleRule(control: ResponseControl): StaleRule {
  if (control.noCache || control.mustRevalidate || control.proxyRevalidate) return "forbidden";
  // s-maxage implies proxy-revalidate (RFC 9111 §5.2.2.10), yet origins pair it with stale-while-revalidate and mean it.
  return control.sMaxage === undefined ? "allowed" : "explicit";
}

function partOf({ status, fields, request }: ResponseInput): StoredPart | null {
  const range = status === 206 ? readContentRange(fields) : undefined;
  return range === undefined ? null : { ...range, asked: getField(request.fields, "range") };
}

function languageOf(fields: readonly string[], vary: readonly VaryTerm[]): string | undefined {
  if (!vary.some(({ name }) => name === "accept-language")) return undefined;
  const languages = splitList((joinField(fields, "content-language") ?? "").toLowerCase());
  return languages.length === 1 ? languages[0] : undefined;
}

function withheldNames({ policy }: ResponseInput, control: ResponseControl): readonly string[] {
  return policy.setCookie === "strip" ? [...control.withheld, "set-cookie"] : control.withheld;
}

/** How long an expired entry stays of use: to be validated, or to be served stale. */
function keptUntil(head: Omit<EntryHead, "keepUntil">, keep: number): number {
  const stops = Math.max(head.expiresAt, head.receivedAt);
  const isValidatable = hasValidator(head);
  if (!isValidatable && head.stale === "forbidden") return head.expiresAt;
  const window = Math.max(head.staleWhileRevalidate, head.staleIfError);
  return stops + (isValidatable || head.stale === "allowed" ? Math.max(window, keep) : window);
}

/** Whether the origin can be asked if an entry is still current. */
export function hasValidator({ validators }: Pick<EntryHead, "validators">): boolean {
  return validators.etag !== undefined || validators.lastModified !== undefined;
}

/** Works out all that later hits need, so that they parse nothing. */
export function makeHead(input: ResponseInput, { control, freshness, date, vary = [] }: Assessment): EntryHead {
  const { fields, responseTime, request } = input;
  const born = date ?? responseTime;
  const bornAt = responseTime - initialAge(fields, born, input.requestTime, responseTime);
  const isShared = control.isPublic || control.sMaxage !== undefined;
  const modified = dateField(fields, "last-modified", responseTime);
  const head = {
    status: input.status,
    fields: storedFields(fields, withheldNames(input, control), date === undefined ? born : undefined),
    part: partOf(input),
    bornAt,
    receivedAt: responseTime,
    expiresAt: bornAt + freshness.lifetime,
    vary,
    shared: isShared,
    identity: isShared ? null : request.identity,
    tags: readTags(fields),
    validators: { etag: getField(fields, "etag"), lastModified: modified, date: born },
    lastModified: modified === undefined ? undefined : getField(fields, "last-modified"),
    language: languageOf(fields, vary),
    noCache: control.noCache,
    immutable: control.immutable,
    stale: staleRule(control),
    staleWhileRevalidate: control.staleWhileRevalidate ?? 0,
    staleIfError: control.staleIfError ?? 0,
    assumed: freshness.source === "default",
    backend: input.backend,
  };
  return { ...head, keepUntil: keptUntil(head, input.policy.keep) };
}

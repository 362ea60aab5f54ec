import {
  type CacheRequest,
  type EntryHead,
  makeEntry,
  mayShare,
  planStale,
  type StalePlan,
  type StoredEntry,
  type UpstreamFailure,
} from "@headgate/cache";
import { joinField } from "@headgate/http";
import { discard } from "../body.ts";
import { GatewayError } from "../gateway-error.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import type { SharedBody } from "../shared-body.ts";
import { AttemptError } from "../upstream/attempt-error.ts";
import type { CacheNote } from "./cache-note.ts";
import type { Fill } from "./fill.ts";
import type { Filled } from "./filled.ts";
import { serveEntry } from "./serve-entry.ts";

/** What the one who asked upstream gets. */
export function answerLeader(note: CacheNote, { deposit }: Fill, filled: Filled, now: number): GatewayResponse {
  if (filled.kind === "alone") return answerAlone(note, filled.response, filled.reason, now);
  if (filled.kind === "found") return shareEntry(note, filled.entry, false, now);
  note.deposit = deposit;
  note.stored = deposit.unstored === null;
  note.detail = deposit.unstored ?? undefined;
  note.ttl = headOf(filled).expiresAt - now;
  if (filled.kind === "stream") return { ...filled.response, body: filled.first };
  return filled.response ?? serveRefreshed(note, filled.entry, now);
}

function headOf(filled: Exclude<Filled, { kind: "alone" }>): EntryHead {
  return filled.kind === "stream" ? filled.plan.head : filled.entry;
}

function serveRefreshed(note: CacheNote, entry: StoredEntry, now: number): GatewayResponse {
  note.served = "revalidated";
  note.fwdStatus = 304;
  return serveEntry(note.request, note.demands, entry, now);
}

function answerAlone(note: CacheNote, response: GatewayResponse, reason: string, now: number): GatewayResponse {
  const stale = answerStale(note, { kind: "status", status: response.status }, now);
  if (stale.kind === "refuse") {
    note.detail = reason;
    return response;
  }
  discard(response.body, new Error("a stale entry is served instead"));
  note.fwdStatus = response.status;
  return stale.response;
}

/** What becomes of one who waited. */
export type FollowerAnswer =
  | { readonly kind: "answer"; readonly response: GatewayResponse }
  /** A range can be cut only from the finished entry. */
  | { readonly kind: "wait"; readonly finished: Promise<StoredEntry | null> }
  /** It is not for them. `group` names those among whom the next answer may be shared; null: it is for each alone. */
  | { readonly kind: "release"; readonly group: string | null };

export const RELEASED: Extract<FollowerAnswer, { kind: "release" }> = { kind: "release", group: null };

/** Decides what one who waited gets of an answer. */
export function answerFollower(note: CacheNote, filled: Filled, now: number): FollowerAnswer {
  if (filled.kind === "alone") return RELEASED;
  const head = headOf(filled);
  const share = mayShare(head, note.request, note.demands);
  if (share.kind === "release") return { kind: "release", group: groupOf(share.reason, head, note.request) };
  if (filled.kind !== "stream") {
    const refreshed = filled.kind === "entry" && filled.refreshed;
    return { kind: "answer", response: shareEntry(note, filled.entry, refreshed, now) };
  }
  if (!filled.body.whole) return RELEASED;
  if (note.demands.range) return { kind: "wait", finished: filled.finished };
  return { kind: "answer", response: shareStream(note, head, filled.body, now) };
}

/** Those of the same identity whose fields select the same, as far as this answer tells. */
function groupOf(reason: string, { vary }: EntryHead, { identity, fields }: CacheRequest): string | null {
  if (reason !== "identity" && reason !== "vary") return null;
  return JSON.stringify([identity, ...vary.map(({ name }) => joinField(fields, name))]);
}

/** Gives one who waited their part of an entry. */
export function shareEntry(note: CacheNote, entry: StoredEntry, refreshed: boolean, now: number): GatewayResponse {
  note.collapsed = true;
  note.ttl = entry.expiresAt - now;
  return refreshed ? serveRefreshed(note, entry, now) : serveEntry(note.request, note.demands, entry, now);
}

/** HEAD and conditions need only the head; whoever gets content reads along. */
function shareStream(note: CacheNote, head: EntryHead, body: SharedBody, now: number): GatewayResponse {
  const answer = shareEntry(note, makeEntry(head, NOTHING), false, now);
  return answer.body === NOTHING ? { ...answer, body: body.reader() } : answer;
}

/** Stands for a body that is still coming. */
const NOTHING = Buffer.alloc(0);

/** The stale entry that stands in for a failure, or why none does. */
export type StaleAnswer =
  | { readonly kind: "serve"; readonly response: GatewayResponse }
  | { readonly kind: "refuse"; readonly reason: "no-entry" | Extract<StalePlan, { kind: "refuse" }>["reason"] };

/** Has a stale entry stand in for a failure, if there is one and nobody forbids it. */
export function answerStale(note: CacheNote, failure: UpstreamFailure, now: number): StaleAnswer {
  const plan = note.lookup?.plan;
  const entry = plan?.kind === "miss" ? plan.fallback : plan?.entry;
  if (entry === undefined) return { kind: "refuse", reason: "no-entry" };
  const stale = planStale(entry, note.demands, failure, now);
  if (stale.kind === "refuse") return stale;
  note.served = "stale";
  note.ttl = stale.ttl;
  note.detail = stale.why;
  return { kind: "serve", response: serveEntry(note.request, note.demands, entry, now) };
}

/**
 * What becomes of a request whose attempts have all failed: a stale answer, or the error; 504 where there is an entry that
 * must not be used without validation (RFC 9111 §5.2.2.2).
 */
export function answerFailed(note: CacheNote, error: unknown, now: number): GatewayResponse {
  if (!isUpstreamFault(error)) throw error;
  const stale = answerStale(note, { kind: "disconnect" }, now);
  if (stale.kind === "serve") return stale.response;
  if (stale.reason !== "forbidden") throw error;
  note.detail = "must-revalidate";
  throw new GatewayError(
    "revalidation-failed",
    "A response is stored, but it is stale and its backend forbids to use it without asking.",
    { cause: error },
  );
}

const UNAVAILABLE: ReadonlySet<string> = new Set(["no-healthy-backend", "pool-busy", "circuit-open"]);

/** Whether an error means that upstream could not be reached or broke off: what a stale entry may stand in for. */
function isUpstreamFault(error: unknown): boolean {
  return error instanceof AttemptError || (error instanceof GatewayError && UNAVAILABLE.has(error.code));
}

import { mayShare, planStale, type StoredEntry, type UpstreamFailure } from "@headgate/cache";
import { discard } from "../body.ts";
import { GatewayError } from "../gateway-error.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import { AttemptError } from "../upstream/attempt-error.ts";
import type { CacheNote } from "./cache-note.ts";
import type { Filled } from "./fill.ts";
import { serveEntry } from "./serve-entry.ts";

/** What the one who asked upstream gets. */
export function answerLeader(note: CacheNote, filled: Filled, now: number): GatewayResponse {
  if (filled.kind === "alone") return answerAlone(note, filled.response, filled.reason, now);
  note.stored = filled.kind === "stream" || filled.stored;
  note.ttl = (filled.kind === "stream" ? filled.plan.head : filled.entry).expiresAt - now;
  if (filled.kind === "stream") return { ...filled.response, body: filled.body.reader() };
  if (filled.response !== null) return filled.response;
  return serveRefreshed(note, filled.entry, now);
}

function serveRefreshed(note: CacheNote, entry: StoredEntry, now: number): GatewayResponse {
  note.served = "revalidated";
  note.fwdStatus = 304;
  return serveEntry(note.request, note.demands, entry, now);
}

function answerAlone(note: CacheNote, response: GatewayResponse, reason: string, now: number): GatewayResponse {
  const stale = answerStale(note, { kind: "status", status: response.status }, now);
  if (stale === null) {
    note.detail = reason;
    return response;
  }
  discard(response.body, new Error("a stale entry is served instead"));
  note.fwdStatus = response.status;
  return stale;
}

/** What one who waited gets; null where the response is not for them, and they must ask for themselves. */
export function answerFollower(note: CacheNote, filled: Filled, now: number): GatewayResponse | null {
  if (filled.kind === "alone") return null;
  const head = filled.kind === "stream" ? filled.plan.head : filled.entry;
  if (mayShare(head, note.request, note.demands).kind === "release") return null;
  if (filled.kind === "entry") {
    note.collapsed = true;
    note.ttl = filled.entry.expiresAt - now;
    if (filled.refreshed) return serveRefreshed(note, filled.entry, now);
    return serveEntry(note.request, note.demands, filled.entry, now);
  }
  const { range, conditional } = note.demands;
  // Of a body that is still coming only the whole can be given.
  if (range || conditional || note.request.method === "HEAD" || !filled.body.whole) return null;
  note.collapsed = true;
  note.ttl = head.expiresAt - now;
  const fields = [...head.fields, "Age", String(Math.max(0, Math.floor((now - head.bornAt) / 1000)))];
  return { status: head.status, fields, body: filled.body.reader(), source: "cache", backend: head.backend };
}

/** The stale entry that may stand in for a failure; null where there is none, or nobody allows it. */
export function answerStale(note: CacheNote, failure: UpstreamFailure, now: number): GatewayResponse | null {
  const plan = note.lookup?.plan;
  const entry = plan?.kind === "miss" ? plan.fallback : plan?.entry;
  if (entry === undefined) return null;
  const stale = planStale(entry, note.demands, failure, now);
  if (stale.kind === "refuse") return null;
  note.served = "stale";
  note.ttl = stale.ttl;
  note.detail = stale.why;
  return serveEntry(note.request, note.demands, entry, now);
}

/** Whether an error means that upstream could not be reached or broke off: what a stale entry may stand in for. */
export function isUpstreamFault(error: unknown): boolean {
  return error instanceof AttemptError || (error instanceof GatewayError && error.code === "no-healthy-backend");
}

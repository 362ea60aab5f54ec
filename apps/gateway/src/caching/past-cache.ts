import {
  type CachePolicy,
  type CacheRequest,
  finishEntry,
  joinBody,
  planInvalidation,
  planStore,
  primaryKey,
  type StorePlan,
  type Target,
} from "@headgate/cache";
import { hasField } from "@headgate/http";
import { type BodySource, isSource } from "../body.ts";
import type { Clock } from "../clock.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import type { Generation } from "../generation.ts";
import { SharedBody } from "../shared-body.ts";
import type { CacheNote } from "./cache-note.ts";
import type { GuardedStore, Ticket, TicketOwner } from "./guarded-store.ts";
import { policiesOf } from "./policies-of.ts";

/** A response to a request that went past the cache. */
export interface PastCache {
  readonly store: GuardedStore;
  readonly clock: Clock;
  readonly request: Target & Pick<CacheRequest, "method">;
  /** Null where the request's own URL is not cached. */
  readonly note: CacheNote | null;
  readonly response: GatewayResponse;
  /** Open since the request was sent; null where its response is not to be stored. */
  readonly ticket: Ticket | null;
  /** Takes what a store that failed reports. */
  readonly storeFailed: (error: unknown) => void;
  readonly policiesOf: (target: Target) => readonly CachePolicy[];
}

/** The policies by which a GET of this URL may be cached. */
export function policiesOfUrl({ routesOf }: Generation, { host, path }: Target): CachePolicy[] {
  const question = path.indexOf("?");
  return policiesOf(routesOf(host, question < 0 ? path : path.slice(0, question), "GET"));
}

/** For whose response one may be stored: a POST that could say that it stands for GET. Null else. */
export function ticketFor(note: CacheNote | null, store: GuardedStore): Ticket | null {
  if (note === null || note.request.method !== "POST") return null;
  return store.open(primaryKey(note.request, note.policy), NOBODY);
}

const NOBODY: TicketOwner = { voided: () => undefined };

/** What it means for what is stored. */
export async function settlePastCache(past: PastCache): Promise<void> {
  const { store, clock, request, note, response, ticket } = past;
  const plan = planInvalidation(request, past.policiesOf, response.status, response.fields);
  if (plan.kind === "none") return;
  const isWanted = ticket?.valid === true && hasField(response.fields, "content-location");
  const now = clock.now();
  const waits: PromiseLike<number>[] = [];
  for (const { purge } of plan.urls) {
    const purged = store.purge(purge, "hard", now);
    if (typeof purged !== "number") waits.push(purged);
  }
  // From here on for purges by others alone: after another one, what came may be older than what that one was about.
  const since = isWanted ? ticketFor(note, store) : null;
  try {
    if (waits.length > 0) await Promise.all(waits);
    if (note !== null && since !== null) await storeAsGet(past, note, since);
  } finally {
    since?.close();
  }
}

/** A body that is still on its way is stored up to here: no more than an exchange may hold for a slow reader anyway; bytes. */
const LARGEST_ON_ITS_WAY = 64 * 1024;

/** A POST that says it is what GET of the same URL would give (RFC 9110 §9.3.3). */
async function storeAsGet(past: PastCache, note: CacheNote, since: Ticket): Promise<void> {
  const { clock, response } = past;
  const { status, fields, body, backend } = response;
  const { request, demands, policy, at } = note;
  const times = { requestTime: at, responseTime: clock.now() };
  const plan = planStore({ request, demands, policy, ...times, status, fields, backend: backend ?? "" });
  if (plan.kind === "pass" || !since.valid) return;
  if (!isSource(body)) note.stored = await put(past, note, plan, body === null ? [] : [body]);
  else if (plan.length === undefined || plan.length <= LARGEST_ON_ITS_WAY) storeOnItsWay(past, note, plan, body);
}

type Storable = Extract<StorePlan, { kind: "store" }>;

async function put(
  { store, clock }: PastCache,
  note: CacheNote,
  plan: Storable,
  chunks: readonly Buffer[],
): Promise<boolean> {
  const body = joinBody(chunks);
  const finished = body.length > plan.maxBody ? null : finishEntry(plan.head, body);
  if (finished?.kind !== "entry") return false;
  return store.put(primaryKey(note.request, note.policy), finished.entry, clock.now());
}

function storeOnItsWay(past: PastCache, note: CacheNote, plan: Storable, source: BodySource): void {
  const { store, response } = past;
  const ticket = ticketFor(note, store);
  const body = new SharedBody(source, Math.min(plan.maxBody, LARGEST_ON_ITS_WAY), LARGEST_ON_ITS_WAY, {
    unread: () => body.cancel(new Error("nobody is left to read")),
    over: (complete) => {
      ticket?.close();
      if (complete && body.whole && ticket?.valid === true) put(past, note, plan, body.chunks).catch(past.storeFailed);
    },
  });
  note.stored = true;
  response.body = body.reader();
}

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
import type { GuardedStore } from "./guarded-store.ts";
import { policiesOf } from "./policies-of.ts";

/** A response to a request that went past the cache. */
export interface PastCache {
  readonly store: GuardedStore;
  readonly clock: Clock;
  readonly request: Target & Pick<CacheRequest, "method">;
  /** Null where the request's own URL is not cached. */
  readonly note: CacheNote | null;
  readonly response: GatewayResponse;
  /** How many purges the store had seen when the request was sent. */
  readonly purges: number;
  /** Takes what a store that failed reports. */
  readonly storeFailed: (error: unknown) => void;
  readonly policiesOf: (target: Target) => readonly CachePolicy[];
}

/** The policies by which a GET of this URL may be cached. */
export function policiesOfUrl({ routesOf }: Generation, { host, path }: Target): CachePolicy[] {
  const question = path.indexOf("?");
  return policiesOf(routesOf(host, question < 0 ? path : path.slice(0, question), "GET"));
}

/** What it means for what is stored. */
export async function settlePastCache(past: PastCache): Promise<void> {
  const { store, clock, request, note, response, purges } = past;
  const plan = planInvalidation(request, past.policiesOf, response.status, response.fields);
  if (plan.kind === "none") return;
  for (const { purge } of plan.urls) await store.purge(purge, "hard", clock.now());
  // After another purge meanwhile, what came may be older than what that one was about.
  const isNewest = store.purges === purges + plan.urls.length;
  if (note !== null && request.method === "POST" && isNewest) await storeAsGet(past, note);
}

/** A body that is still on its way is stored up to here: no more than an exchange may hold for a slow reader anyway; bytes. */
const LARGEST_ON_ITS_WAY = 64 * 1024;

/** A POST that says it is what GET of the same URL would give (RFC 9110 §9.3.3). */
async function storeAsGet(past: PastCache, note: CacheNote): Promise<void> {
  const { clock, response } = past;
  const { status, fields, body, backend } = response;
  if (!hasField(fields, "content-location")) return;
  const { request, demands, policy, at } = note;
  const times = { requestTime: at, responseTime: clock.now() };
  const plan = planStore({ request, demands, policy, ...times, status, fields, backend: backend ?? "" });
  if (plan.kind === "pass") return;
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
  const { purges } = store;
  const body = new SharedBody(source, Math.min(plan.maxBody, LARGEST_ON_ITS_WAY), LARGEST_ON_ITS_WAY, {
    unread: () => body.cancel(new Error("nobody is left to read")),
    over: (complete) => {
      if (complete && body.whole && store.purges === purges) put(past, note, plan, body.chunks).catch(past.storeFailed);
    },
  });
  note.stored = true;
  response.body = body.reader();
}

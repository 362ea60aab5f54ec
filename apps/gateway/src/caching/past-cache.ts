import {
  type CachePolicy,
  type CacheRequest,
  finishEntry,
  joinBody,
  planInvalidation,
  planStore,
  primaryKey,
  type Target,
} from "@headgate/cache";
import { hasField } from "@headgate/http";
import { isSource } from "../body.ts";
import type { Clock } from "../clock.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import type { Generation } from "../generation.ts";
import type { CacheNote } from "./cache-note.ts";
import type { GuardedStore } from "./guarded-store.ts";

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
  readonly policyOf: (target: Target) => CachePolicy | null;
}

/** The policy by which a GET of this URL is cached; null where it is not. */
export function policyOfUrl({ route }: Generation, { host, path }: Target): CachePolicy | null {
  const question = path.indexOf("?");
  return route(host, question < 0 ? path : path.slice(0, question), "GET")?.cache ?? null;
}

/** What it means for what is stored. */
export async function settlePastCache(past: PastCache): Promise<void> {
  const { store, clock, request, note, response, purges, policyOf } = past;
  const plan = planInvalidation(request, policyOf, response.status, response.fields);
  if (plan.kind === "none") return;
  for (const { purge } of plan.urls) await store.purge(purge, "hard", clock.now());
  // After another purge meanwhile, what came may be older than what that one was about.
  const isNewest = store.purges === purges + plan.urls.length;
  if (note !== null && request.method === "POST" && isNewest) await storeAsGet(past, note);
}

/** A POST that says it is what GET of the same URL would give (RFC 9110 §9.3.3); only where its whole body is here already. */
async function storeAsGet({ store, clock, response }: PastCache, note: CacheNote): Promise<void> {
  const { status, fields, body, backend } = response;
  if (!hasField(fields, "content-location") || isSource(body)) return;
  const { request, demands, policy, at } = note;
  const times = { requestTime: at, responseTime: clock.now() };
  const plan = planStore({ request, demands, policy, ...times, status, fields, backend: backend ?? "" });
  if (plan.kind === "pass" || (body?.length ?? 0) > plan.maxBody) return;
  const finished = finishEntry(plan.head, joinBody(body === null ? [] : [body]));
  if (finished.kind !== "entry") return;
  note.stored = await store.put(primaryKey(request, policy), finished.entry, clock.now());
}

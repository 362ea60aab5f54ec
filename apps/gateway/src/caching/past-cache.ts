import { type CacheStore, finishEntry, joinBody, planInvalidation, planStore, primaryKey } from "@headgate/cache";
import { hasField } from "@headgate/http";
import { isSource } from "../body.ts";
import type { Clock } from "../clock.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import type { CacheNote } from "./cache-note.ts";

/** What a response to a request that went past the cache means for what is stored. */
export async function settlePastCache(
  store: CacheStore,
  clock: Clock,
  note: CacheNote,
  response: GatewayResponse,
  sentAt: number,
): Promise<void> {
  const { request, policy } = note;
  const plan = planInvalidation(request, policy, response.status, response.fields);
  if (plan.kind === "none") return;
  for (const { purge } of plan.urls) await store.purge(purge, "hard", clock.now());
  if (request.method === "POST") await storeAsGet(store, clock, note, response, sentAt);
}

/** A POST that says it is what GET of the same URL would give (RFC 9110 §9.3.3); only where its whole body is here already. */
async function storeAsGet(
  store: CacheStore,
  clock: Clock,
  note: CacheNote,
  response: GatewayResponse,
  sentAt: number,
): Promise<void> {
  const { status, fields, body, backend } = response;
  if (!hasField(fields, "content-location") || isSource(body)) return;
  const { request, demands, policy } = note;
  const times = { requestTime: sentAt, responseTime: clock.now() };
  const plan = planStore({ request, demands, policy, ...times, status, fields, backend: backend ?? "" });
  if (plan.kind === "pass" || (body?.length ?? 0) > plan.maxBody) return;
  const finished = finishEntry(plan.head, joinBody(body === null ? [] : [body]));
  if (finished.kind !== "entry") return;
  note.stored = await store.put(primaryKey(request, policy), finished.entry, clock.now());
}

import { type CacheRequest, type Demands, planServe, type StoredEntry } from "@headgate/cache";
import type { FieldList } from "@headgate/http";
import type { GatewayResponse } from "../gateway-response.ts";

/** What this client gets of an entry, with its Age; what the cache has to say of it is still to be added. */
export function serveEntry(request: CacheRequest, demands: Demands, entry: StoredEntry, now: number): GatewayResponse {
  const plan = planServe(request, demands, entry, now);
  const fields: FieldList = plan.fields.slice();
  fields.push("Age", String(Math.max(0, Math.floor((now - entry.bornAt) / 1000))));
  return { status: plan.status, fields, body: bodyOf(plan), source: "cache", backend: entry.backend, repeated: entry };
}

function bodyOf(plan: ReturnType<typeof planServe>): Buffer | null {
  if (plan.kind === "whole") return plan.body;
  if (plan.kind !== "partial") return null;
  return plan.body.length === 1 ? (plan.body[0] ?? null) : Buffer.concat(plan.body);
}

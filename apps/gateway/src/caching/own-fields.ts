import { withCompletion, withConditions } from "@headgate/cache";
import type { UpstreamRequest } from "../upstream/upstream-request.ts";
import type { ForwardPlan } from "./cache-note.ts";

/** The request with the conditions or the range that the cache asks for itself; the same where it asks nothing. */
export function withOwnFields(request: UpstreamRequest, plan: ForwardPlan): UpstreamRequest {
  if (plan.kind === "revalidate") return { ...request, fields: withConditions(request.fields, plan.conditions) };
  if (plan.kind === "complete") return { ...request, fields: withCompletion(request.fields, plan.ask) };
  return request;
}

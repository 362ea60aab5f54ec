import { getField } from "@headgate/http";
import { type Assessment, assess, hasValidator, makeHead, type ResponseInput } from "./entry-head.ts";
import { readResponseControl } from "./response-control.ts";
import { type PassReason, refusedAtOnce, storingRefused } from "./storable.ts";
import type { EntryHead } from "./types.ts";

/** Whether a response is to be stored: its head is ready, its body is still to come (`finishEntry`). */
export type StorePlan =
  | {
      readonly kind: "store";
      readonly head: EntryHead;
      /** Give up where more bytes than this come. */
      readonly maxBody: number;
      /** Bytes that are to come, where the response says so. */
      readonly length: number | undefined;
    }
  | { readonly kind: "pass"; readonly reason: PassReason };

/** Why an entry that may be stored could never be used; undefined: it could. */
function uselessReason(head: EntryHead, { freshness }: Assessment, input: ResponseInput): PassReason | undefined {
  if (hasValidator(head)) return undefined;
  if (head.noCache) return "no-cache";
  if (head.expiresAt > head.receivedAt) return undefined;
  if (head.stale !== "forbidden" && head.staleWhileRevalidate + head.staleIfError > 0) return undefined;
  // It came stale, but may serve those who accept that, or while the origin is out of reach.
  if (head.stale === "allowed" && freshness.lifetime > 0) return undefined;
  if (freshness.source !== "none") return "expired";
  return input.demands.cookie && input.policy.ttl > 0 ? "cookie" : "no-freshness";
}

/** As `planStore`, for a response that has been assessed. */
export function planAssessed(input: ResponseInput, assessment: Assessment): StorePlan {
  const refused = storingRefused({ ...input, ...assessment });
  if (refused !== undefined) return { kind: "pass", reason: refused };
  if (assessment.vary === undefined) return { kind: "pass", reason: "vary-star" };
  const head = makeHead(input, assessment);
  const useless = uselessReason(head, assessment, input);
  if (useless !== undefined) return { kind: "pass", reason: useless };
  const length = getField(head.fields, "content-length");
  return {
    kind: "store",
    head,
    maxBody: input.policy.maxObject,
    length: length === undefined ? undefined : Number(length),
  };
}

/**
 * Decides whether a response from upstream is stored (RFC 9111 §3). Call it for each final response, with the fields as they
 * came; responses to unsafe methods go through `planInvalidation` first.
 */
export function planStore(input: ResponseInput): StorePlan {
  const { request, demands, policy, status, fields } = input;
  const control = readResponseControl(fields, policy.targets);
  const refused = refusedAtOnce({ request, demands, policy, status, fields, control });
  return refused === undefined ? planAssessed(input, assess(input, control)) : { kind: "pass", reason: refused };
}

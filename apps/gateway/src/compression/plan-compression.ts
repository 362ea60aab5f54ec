import { chooseEncoding, type FieldList, getField, joinField, mediaEssence } from "@headgate/http";
import compressible from "compressible";
import type { Coding } from "./codec.ts";

/** Why a response goes out as it is. */
export type PassReason = "status" | "encoded" | "no-transform" | "range" | "type" | "small" | "not-accepted";

export type CompressionPlan =
  | { readonly kind: "encode"; readonly coding: Coding }
  /** `varies`: for another client it would have been encoded, which caches must be told. */
  | { readonly kind: "pass"; readonly reason: PassReason; readonly varies: boolean };

export interface CompressionInput {
  readonly status: number;
  readonly fields: FieldList;
  readonly acceptEncoding: string | undefined;
  /** Bytes of the body; null if unknown. */
  readonly length: number | null;
  readonly minimum: number;
  readonly encodings: readonly Coding[];
}

const NO_TRANSFORM = /no-transform/i;

/** Whether and how to encode a response (RFC 9110 §8.4, §12.5.3). */
export function planCompression(input: CompressionInput): CompressionPlan {
  const { status, fields, length } = input;
  if (status < 200 || status === 204 || status === 205 || status === 304) return pass("status");
  if (status === 206 || getField(fields, "content-range") !== undefined) return pass("range");
  if (getField(fields, "content-encoding") !== undefined) return pass("encoded");
  if (NO_TRANSFORM.test(joinField(fields, "cache-control") ?? "")) return pass("no-transform");
  if (!isText(getField(fields, "content-type"))) return pass("type");
  if (length !== null && length < input.minimum) return pass("small");
  const coding = chooseEncoding(input.acceptEncoding, input.encodings);
  return coding === "identity"
    ? { kind: "pass", reason: "not-accepted", varies: true }
    : { kind: "encode", coding: coding as Coding };
}

function pass(reason: PassReason): CompressionPlan {
  return { kind: "pass", reason, varies: false };
}

/** Verdicts by Content-Type as written: servers send few different ones, and each costs a parse and a look-up. */
const verdicts = new Map<string, boolean>();
const MAX_VERDICTS = 500;

/** Never: a stream of events, whose reader waits for each, and bytes of which nothing is known. */
const NEVER = new Set(["text/event-stream", "application/octet-stream"]);

/** Text-like by mime-db's word. */
function isText(contentType: string | undefined): boolean {
  if (contentType === undefined) return false;
  const known = verdicts.get(contentType);
  if (known !== undefined) return known;
  const essence = mediaEssence(contentType);
  const verdict = !NEVER.has(essence) && compressible(essence) === true;
  if (verdicts.size < MAX_VERDICTS) verdicts.set(contentType, verdict);
  return verdict;
}

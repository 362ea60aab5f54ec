import type { FieldList } from "@headgate/http";
import {
  type CachePolicyOptions,
  type CacheRequest,
  compilePolicy,
  finishEntry,
  planStore,
  type ResponseInput,
  readDemands,
  type StoredEntry,
} from "../src/index.ts";

/** 2026-01-01T00:00:00Z, a Thursday. */
export const NOW: number = Date.UTC(2026, 0, 1);
export const SECOND = 1000;

/** An HTTP-date so many seconds from `NOW`. */
export function httpDate(seconds: number): string {
  return new Date(NOW + seconds * SECOND).toUTCString();
}

export function aRequest(changes: Partial<CacheRequest> = {}): CacheRequest {
  return {
    method: "GET",
    scheme: "http",
    host: "h",
    path: "/",
    fields: [],
    identity: null,
    hasBody: false,
    ...changes,
  };
}

export interface ResponseChanges {
  readonly request?: Partial<CacheRequest>;
  readonly policy?: CachePolicyOptions;
  readonly status?: number;
  readonly fields?: FieldList;
  readonly requestTime?: number;
  readonly responseTime?: number;
}

/** A response that came at `NOW`, by a policy without a default lifetime unless that is changed. */
export function aResponse(changes: ResponseChanges = {}): ResponseInput {
  const request = aRequest(changes.request);
  const policy = compilePolicy({ ttl: 0, ...changes.policy });
  return {
    request,
    demands: readDemands(request.fields, policy),
    policy,
    requestTime: NOW,
    responseTime: NOW,
    status: 200,
    fields: [],
    backend: "127.0.0.1:8000",
    ...pick(changes),
  };
}

function pick({ status, fields, requestTime, responseTime }: ResponseChanges): Partial<ResponseInput> {
  const given = Object.entries({ status, fields, requestTime, responseTime }).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(given);
}

/** The entry that such a response makes; throws where it makes none. */
export function anEntry(body: string, changes: ResponseChanges = {}): StoredEntry {
  const plan = planStore(aResponse(changes));
  if (plan.kind === "pass") throw new Error(`not stored: ${plan.reason}`);
  const finished = finishEntry(plan.head, Buffer.from(body, "latin1"));
  if (finished.kind === "pass") throw new Error(`not finished: ${finished.reason}`);
  return finished.entry;
}

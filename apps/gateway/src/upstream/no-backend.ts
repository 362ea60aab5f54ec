import type { NoneReason } from "@headgate/balancer";
import { GatewayError } from "../gateway-error.ts";
import type { UpstreamPool } from "./upstream-pool.ts";

const NONE: Readonly<Record<NoneReason, string>> = {
  empty: "has no backend",
  pending: "has no backend that a health check has reached yet",
  unavailable: "has no backend that is healthy",
  limits: "has no backend below its limit",
};

/** 503: the client may come back when a health check has had the time to find a backend well again. */
export function noBackend(pool: UpstreamPool, reason: NoneReason): GatewayError {
  return new GatewayError("no-healthy-backend", `The pool ${pool.name} ${NONE[reason]}.`, {
    fields: ["Retry-After", "1"],
  });
}

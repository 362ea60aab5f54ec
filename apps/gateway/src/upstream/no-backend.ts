import type { NoneReason } from "@headgate/balancer";
import { GatewayError } from "../gateway-error.ts";
import type { UpstreamPool } from "./upstream-pool.ts";

/** None may be chosen, or those that were chosen refused and are put aside. */
type Missing = NoneReason | "refused";

const NONE: Readonly<Record<Missing, string>> = {
  empty: "has no backend",
  pending: "has no backend that a health check has reached yet",
  unavailable: "has no backend that is healthy",
  limits: "has no backend below its limit",
  refused: "has no backend that accepted the connection",
};

/** 503: the client may come back when a health check has had the time to find a backend well again. */
export function noBackend(pool: UpstreamPool, reason: Missing): GatewayError {
  return new GatewayError("no-healthy-backend", `The pool ${pool.name} ${NONE[reason]}.`, {
    fields: ["Retry-After", "1"],
  });
}

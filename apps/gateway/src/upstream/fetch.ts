import type { BackendId } from "@headgate/balancer";
import type { UpstreamRequest, UpstreamResponse } from "./upstream-request.ts";

/** Sends a request upstream. Rejects with `AttemptError`, `GatewayError`, or the cancellation's reason. */
export type Fetch = (request: UpstreamRequest) => Promise<UpstreamResponse>;

/** Makes one attempt at a backend other than those `tried`, as long as there is one; adds to `request.attempts`. */
export type TryOnce = (request: UpstreamRequest, tried: readonly BackendId[] | null) => Promise<UpstreamResponse>;

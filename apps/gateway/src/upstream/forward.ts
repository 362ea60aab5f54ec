import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import httpProxy from "http-proxy";
import type { Clock } from "../clock.ts";
import type { AttemptRecord } from "../observability/exchange-record.ts";
import { Attempt } from "./attempt.ts";
import { type AttemptOptions, type BackendConnections, sendPass } from "./send-pass.ts";
import type { UpstreamRequest, UpstreamResponse } from "./upstream-request.ts";

const proxy = httpProxy.createProxyServer({});
proxy.before("web", "deleteLength", sendPass);

// http-proxy wants a request and a response to hand to its passes; ours takes neither from there, since an attempt may
// belong to no client (a revalidation in the background) or to many (identical misses collapsed).
const inertRequest = new IncomingMessage(new Socket());
const inertResponse = new ServerResponse(inertRequest);

/**
 * One attempt: sends `request` to the backend behind `connections` and resolves with its final response head.
 * Rejects with `AttemptError` if there is none, or with the cancellation's reason. `settled` is called once, when the
 * body too is over.
 */
export function forward(
  connections: BackendConnections,
  request: UpstreamRequest,
  record: AttemptRecord,
  clock: Clock,
  settled: (error: Error | null) => void,
): Promise<UpstreamResponse> {
  return new Promise((resolve, reject) => {
    const attempt = new Attempt(request, record, connections.responseBuffer, clock, { resolve, reject, settled });
    const options: AttemptOptions = { target: connections.target, attempt, connections };
    proxy.web(inertRequest, inertResponse, options);
  });
}

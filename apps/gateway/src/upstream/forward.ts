import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import httpProxy from "http-proxy";
import type { Attempt } from "./attempt.ts";
import { type AttemptOptions, type BackendConnections, sendPass } from "./send-pass.ts";

const proxy = httpProxy.createProxyServer({});
proxy.before("web", "deleteLength", sendPass);

// http-proxy wants a request and a response to hand to its passes; ours takes neither from there, since an attempt may
// belong to no client (a revalidation in the background) or to many (identical misses collapsed).
const inertRequest = new IncomingMessage(new Socket());
const inertResponse = new ServerResponse(inertRequest);

/** Sends `attempt` to the backend behind `connections`; whatever becomes of it is told to the attempt, never thrown. */
export function forward(connections: BackendConnections, attempt: Attempt): void {
  const options: AttemptOptions = { target: connections.target, attempt, connections };
  proxy.web(inertRequest, inertResponse, options);
}

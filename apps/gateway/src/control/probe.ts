import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { ProbeResult } from "@headgate/health";
import type { BackendTls } from "../upstream/send-pass.ts";
import { probeReason } from "./probe-reason.ts";

/** What an active check asks. */
export interface ProbeTarget {
  /** Scheme, host and port. */
  readonly url: string;
  /** Path with query. */
  readonly path: string;
  /** Of use for https alone. */
  readonly tls: BackendTls;
}

/** Asks one backend once; never rejects. `signal` breaks it off: then the result means nothing. */
export type Prober = (target: ProbeTarget, signal: AbortSignal) => Promise<ProbeResult>;

/** A body is read so far and no further, bytes: a check needs none of it. */
const LARGEST_BODY = 64 * 1024;

type Ended = { readonly ok: true; readonly status: number } | { readonly ok: false; readonly reason: string };

/**
 * A prober over sockets of its own: each check opens a connection and closes it, so that it sees what a new client
 * would see. Any 2xx whose body comes to its end is healthy; a redirect is not, since it tells nothing of this backend.
 * @param tick ms, the clock of the results
 */
export function createProber(tick: () => number): Prober {
  return async (target, signal) => {
    const at = tick();
    const ended = await ask(target, signal);
    return { ...ended, at, latency: tick() - at };
  };
}

function ask(target: ProbeTarget, signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve) => {
    const failed = (error: Error): void => resolve({ ok: false, reason: probeReason(error) });
    const request = send(target, signal);
    request.on("error", failed);
    request.once("response", (response) => {
      response.on("error", failed);
      readAway(response, () => resolve(judge(response.statusCode ?? 0)));
    });
    request.end();
  });
}

function judge(status: number): Ended {
  return status >= 200 && status < 300 ? { ok: true, status } : { ok: false, reason: `status ${status}` };
}

/** Reads the body and lets go of it; one beyond the bound is cut off, its head has said enough. */
function readAway(response: IncomingMessage, done: () => void): void {
  let bytes = 0;
  response.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= LARGEST_BODY) return;
    done();
    response.destroy();
  });
  response.once("end", done);
}

function send({ url, path, tls }: ProbeTarget, signal: AbortSignal): ClientRequest {
  const options = { path, signal, agent: false, headers: { "User-Agent": "headgate-health", Accept: "*/*" } } as const;
  const { verify, ...pem } = tls;
  const target = new URL(url);
  if (target.protocol === "http:") return httpRequest(target, options);
  return httpsRequest(target, { ...options, rejectUnauthorized: verify, ...pem });
}

import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { type Expectation, judgeResponse, type ProbeResult } from "@headgate/health";
import type { BackendTls } from "../upstream/send-pass.ts";
import { probeReason } from "./probe-reason.ts";

/** What an active check asks. */
export interface ProbeTarget {
  /** Scheme, host and port. */
  readonly url: string;
  /** Whether it asks for an answer, or only connects. */
  readonly type: "http" | "tcp";
  /** Path with query. */
  readonly path: string;
  /** Beside the checker's own fields, or in their place. */
  readonly fields: Readonly<Record<string, string>>;
  readonly expected: Expectation;
  /** Of use for https alone. */
  readonly tls: BackendTls;
  /** Takes the body of a good answer; null where nobody wants it. */
  readonly onBody: ((body: string) => void) | null;
}

/** Asks one backend once; never rejects. `signal` breaks it off: then the result means nothing. */
export type Prober = (target: ProbeTarget, signal: AbortSignal) => Promise<ProbeResult>;

/** A body is read so far and no further, bytes. */
const LARGEST_BODY = 64 * 1024;

type Ended = { readonly ok: true; readonly status: number | null } | { readonly ok: false; readonly reason: string };

/**
 * A prober over sockets of its own: each check opens a connection and closes it, so that it sees what a new client
 * would see. Redirects are not followed, since they tell nothing of this backend.
 * @param tick ms, the clock of the results
 */
export function createProber(tick: () => number): Prober {
  return async (target, signal) => {
    const at = tick();
    const ended = await (target.type === "tcp" ? reach(target, signal) : ask(target, signal));
    return { ...ended, at, latency: tick() - at };
  };
}

/** A connection is all. */
function reach({ url }: ProbeTarget, signal: AbortSignal): Promise<Ended> {
  const { hostname, port, protocol } = new URL(url);
  return new Promise((resolve) => {
    const host = hostname.replace(/^\[|\]$/g, "");
    const socket = connect({ host, port: Number(port || (protocol === "https:" ? 443 : 80)), signal });
    socket.once("connect", () => {
      resolve({ ok: true, status: null });
      socket.destroy();
    });
    socket.on("error", (error) => resolve({ ok: false, reason: probeReason(error) }));
  });
}

function ask(target: ProbeTarget, signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve) => {
    const failed = (error: Error): void => resolve({ ok: false, reason: probeReason(error) });
    const request = send(target, signal);
    request.on("error", failed);
    request.once("response", (response) => {
      response.on("error", failed);
      readAway(response, (body) => resolve(judge(target, response, body)));
    });
    request.end();
  });
}

function judge({ expected, onBody }: ProbeTarget, { statusCode = 0, headers }: IncomingMessage, body: string): Ended {
  const field = (name: string): string | undefined => headers[name]?.toString();
  const verdict = judgeResponse({ status: statusCode, body, field }, expected);
  if (!verdict.ok) return verdict;
  onBody?.(body);
  return { ok: true, status: statusCode };
}

/** Reads the body; one beyond the bound is cut off, what came has said enough. */
function readAway(response: IncomingMessage, done: (body: string) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const tell = (): void => done(Buffer.concat(chunks).toString());
  response.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes <= LARGEST_BODY) return;
    tell();
    response.destroy();
  });
  response.once("end", tell);
}

function send({ url, path, fields, tls }: ProbeTarget, signal: AbortSignal): ClientRequest {
  const headers = { "User-Agent": "headgate-health", Accept: "*/*", ...fields };
  const options = { path, signal, agent: false, headers } as const;
  const { verify, ...pem } = tls;
  const target = new URL(url);
  if (target.protocol === "http:") return httpRequest(target, options);
  return httpsRequest(target, { ...options, rejectUnauthorized: verify, ...pem });
}

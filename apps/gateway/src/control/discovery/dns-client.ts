import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { getServers } from "node:dns";
import { connect, isIPv6 } from "node:net";
import { type DnsServer, parseDnsServer } from "../../config/schema/discovery.ts";
import type { AskDns, DnsAnswer, DnsQuestion } from "./dns-answer.ts";
import { type DnsReply, decodeReply, encodeQuestion } from "./dns-codec.ts";

export interface DnsClientOptions {
  /** Where to ask, in this order; default: the system's. */
  readonly servers?: readonly string[] | undefined;
  /** Longest wait for one server, ms. */
  readonly timeout: number;
}

/** A question is asked so often at least, since datagrams get lost. */
const LEAST_TRIES = 2;

/** How many of the system's servers are asked, as many as a resolver's own configuration may name. */
const SYSTEM_SERVERS = 3;

type Failed = Extract<DnsAnswer, { kind: "failed" }>;

interface Asking {
  readonly id: number;
  readonly question: DnsQuestion;
  readonly server: DnsServer;
  /** ms. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/**
 * Asks DNS servers, since node's own resolver tells no TTL of SRV records: by UDP from a port of its own for each question, and
 * by TCP where the answer does not fit. A server that fails is followed by the next.
 */
export function createDnsClient({ servers, timeout }: DnsClientOptions): AskDns {
  return async (question, signal) => {
    const all = (servers ?? getServers().slice(0, SYSTEM_SERVERS)).flatMap((each) => parseDnsServer(each) ?? []);
    const tries = all.length === 0 ? [] : [...all, ...all].slice(0, Math.max(all.length, LEAST_TRIES));
    let failed: Failed = { kind: "failed", reason: "no DNS server is known" };
    for (const server of tries) {
      if (signal.aborted) break;
      const answer = await askServer({ id: randomInt(0x1_0000), question, server, timeout, signal });
      if (answer.kind !== "failed") return answer;
      failed = { kind: "failed", reason: `DNS server ${nameOf(server)}: ${answer.reason}` };
    }
    return failed;
  };
}

async function askServer(asking: Asking): Promise<DnsAnswer> {
  const reply = await settle(asking, byUdp);
  return told(reply.kind === "truncated" ? await settle(asking, byTcp) : reply);
}

/** What is still no answer by TCP is a fault of the server. */
function told(reply: DnsReply): DnsAnswer {
  if (reply.kind === "truncated" || reply.kind === "foreign") return failed("an answer to another question");
  return reply;
}

/** Opens a way to the server and gives back how to close it. `done` comes later, and not after that. */
type Way = (asking: Asking, done: (reply: DnsReply) => void) => () => void;

/** Runs a question to its answer, its failure or its time-out, and closes the way it took. */
function settle(asking: Asking, way: Way): Promise<DnsReply> {
  const { signal, timeout } = asking;
  return new Promise((resolve) => {
    const done = (reply: DnsReply): void => {
      signal.removeEventListener("abort", late);
      clearTimeout(timer);
      close();
      resolve(reply);
    };
    const late = (): void => done(failed("no answer in time"));
    const close = way(asking, done);
    const timer = setTimeout(late, timeout);
    signal.addEventListener("abort", late);
  });
}

function byUdp({ id, question, server }: Asking, done: (reply: DnsReply) => void): () => void {
  const socket = createSocket(isIPv6(server.host) ? "udp6" : "udp4");
  socket.on("error", (error) => done(failed(errorText(error))));
  socket.on("message", (message) => {
    const reply = decodeReply(message, id, question);
    if (reply.kind !== "foreign") done(reply);
  });
  // Of a connected socket the system takes datagrams from this server alone.
  socket.connect(server.port, server.host, () => socket.send(encodeQuestion(id, question)));
  return () => void socket.removeAllListeners("message").close();
}

/** Over TCP each message follows its length in two bytes (RFC 1035 §4.2.2). */
function byTcp({ id, question, server }: Asking, done: (reply: DnsReply) => void): () => void {
  const message = encodeQuestion(id, question);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  const socket = connect(server.port, server.host);
  let read = Buffer.alloc(0);
  socket.on("error", (error) => done(failed(errorText(error))));
  socket.on("end", () => done(failed("the connection ended before the answer")));
  socket.on("data", (chunk: Buffer) => {
    read = Buffer.concat([read, chunk]);
    const end = read.length < 2 ? Number.POSITIVE_INFINITY : 2 + read.readUInt16BE(0);
    if (read.length >= end) done(decodeReply(read.subarray(2, end), id, question));
  });
  socket.write(Buffer.concat([length, message]));
  return () => socket.destroy();
}

const failed = (reason: string): Failed => ({ kind: "failed", reason });

function nameOf({ host, port }: DnsServer): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

function errorText(error: NodeJS.ErrnoException): string {
  return error.code === "ECONNREFUSED" ? "connection refused" : error.message;
}

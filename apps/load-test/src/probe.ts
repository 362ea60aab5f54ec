import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** Whether the target takes connections. */
export type ProbeOutcome = { readonly kind: "reachable" } | { readonly kind: "unreachable"; readonly reason: string };

const patience = 5000;

/** The host of a URL as a socket wants it: IPv6 without brackets. */
const bareHost = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "");

/** Whether a URL's host is this machine's own loopback. */
export function isLoopback(url: URL): boolean {
  const host = bareHost(url);
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    host === "::1" ||
    (isIP(host) === 4 && host.startsWith("127."))
  );
}

function explain({ code = "", message }: NodeJS.ErrnoException, url: URL): string {
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: "nothing listens there (connection refused)",
    ENOTFOUND: `the host ${bareHost(url)} is not known`,
    EAI_AGAIN: `the host ${bareHost(url)} cannot be looked up now`,
    EHOSTUNREACH: "there is no route to the host",
    ENETUNREACH: "there is no route to the network",
    ECONNRESET: "it closed the connection at once",
    ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS; try http:// in place of https://",
    ERR_SSL_PACKET_LENGTH_TOO_LONG: "it does not speak TLS; try http:// in place of https://",
  };
  const untrusted = /CERT|ALTNAME|SELF_SIGNED|UNABLE_TO_/.test(code);
  if (untrusted) return `its certificate is not trusted (${code}); --insecure accepts it all the same`;
  return reasons[code] ?? (message || code);
}

function open(url: URL, insecure: boolean, connected: () => void): Socket {
  const host = bareHost(url);
  const port = Number(url.port);
  if (url.protocol === "http:") return connectPlain({ host, port: port || 80 }, connected);
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const rejectUnauthorized = !insecure && !isLoopback(url);
  return connectTls({ host, port: port || 443, ...servername, rejectUnauthorized }, connected);
}

/**
 * Connects once, over TLS for https, and sends nothing, so that no backend executes anything. A certificate is
 * verified unless the target is on loopback or `insecure` is set; the load itself goes out only after that.
 */
export function probe(url: URL, insecure: boolean): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const settle = (outcome: ProbeOutcome): void => {
      socket.destroy();
      resolve(outcome);
    };
    const socket = open(url, insecure, () => settle({ kind: "reachable" }));
    socket.setTimeout(patience, () => settle({ kind: "unreachable", reason: `no answer within ${patience / 1000} s` }));
    socket.once("error", (error) => settle({ kind: "unreachable", reason: explain(error, url) }));
  });
}

import { BlockList, isIP } from "node:net";
import { isAuthority, splitAuthority } from "@headgate/http";
import { AdminProblem } from "./problem.ts";

/** What the guard looks at; fields that were not sent are undefined. */
export interface GuardedRequest {
  readonly path: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

function isLoopback(host: string): boolean {
  const version = isIP(host);
  return version === 0 ? host === "localhost" : loopback.check(host, version === 6 ? "ipv6" : "ipv4");
}

/** What monitoring asks for by whatever name it knows the gateway; it changes nothing. */
const MONITORED = new Set(["/livez", "/readyz", "/metrics"]);

/**
 * Keeps web pages of others out, which a browser on this machine may show (there is no password to steal here, only
 * reach): a name that was rebound to this address shows in Host, another site's script shows in Origin.
 * @param bound the host that the listener was told to bind
 */
export function guard({ path, host, origin }: GuardedRequest, bound: string): AdminProblem | null {
  if (host === undefined || !isAuthority(host)) return new AdminProblem("invalid-host", "Send one Host field.");
  const { host: name } = splitAuthority(host.toLowerCase());
  const named = isIP(name) !== 0 || name === "localhost" || name === bound.toLowerCase();
  const monitoring = MONITORED.has(path) && !isLoopback(bound);
  if (!named && !monitoring) {
    return new AdminProblem(
      "misdirected-request",
      `The admin listener does not go by the name ${name}. Use its address or localhost, or set admin.host to that name.`,
    );
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    return new AdminProblem("forbidden", `Pages of ${origin} may not use the admin API.`);
  }
  return null;
}

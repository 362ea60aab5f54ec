import { isIPv6 } from "node:net";

/** Where a listener can be reached. */
interface Address {
  readonly scheme: string;
  readonly address: string;
  readonly port: number;
}

/** Addresses that a browser on this machine reaches as localhost: loopback, and all addresses. */
const LOCAL = new Set(["127.0.0.1", "::1", "0.0.0.0", "::"]);

/** URLs to show to a person, each once. */
export function shownUrls(bound: readonly Address[]): string[] {
  return [...new Set(bound.map(shownUrl))];
}

function shownUrl({ scheme, address, port }: Address): string {
  const host = LOCAL.has(address) ? "localhost" : isIPv6(address) ? `[${address}]` : address;
  return `${scheme}://${host}:${port}`;
}

import { type FieldList, hasField, joinField, setField } from "./fields.ts";
import { quoteIfNeeded } from "./lists.ts";

/** What we ourselves know of a request's way to us. */
export interface ForwardedHop {
  /** The peer's address as the socket tells it; an IPv4-mapped one is written as IPv4. */
  readonly peerAddress: string;
  readonly scheme: "http" | "https";
  /** The authority that was asked for, with its port where one was written. */
  readonly host: string;
  /** The port that the listener is reached by. */
  readonly port: number;
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
// Some balancers write the peer's port too: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
const WITH_PORT = /^(?:\[([^\]]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$/;

function plainAddress(address: string): string {
  return MAPPED.exec(address)?.[1] ?? address;
}

function withoutPort(address: string): string {
  const [, bracketed, v4] = WITH_PORT.exec(address) ?? [];
  return bracketed ?? v4 ?? address;
}

/** RFC 7239 §6: an IPv6 address stands in brackets, and what is no token stands in quotes. */
function forwardedMember(address: string, hop: ForwardedHop): string {
  const node = address.includes(":") ? `"[${address}]"` : quoteIfNeeded(address);
  const host = hop.host === "" ? "" : `;host=${quoteIfNeeded(hop.host)}`;
  return `for=${node}${host};proto=${hop.scheme}`;
}

const FORWARDED = /^(?:forwarded|x-forwarded-.*|x-real-ip)$/i;

/** The length and the first letter are looked at first: they rule most names out. */
function isForwarded(name: string): boolean {
  if (name.length < 9) return false;
  const first = name.charCodeAt(0) | 0x20;
  return (first === 0x66 || first === 0x78) && FORWARDED.test(name);
}

/** Takes Forwarded, X-Real-IP and every X-Forwarded-* out, in place: none of what an untrusted peer says stays. */
function removeForwarded(list: FieldList): void {
  let kept = 0;
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] ?? "";
    if (isForwarded(name)) continue;
    if (kept !== i) {
      list[kept] = name;
      list[kept + 1] = list[i + 1] ?? "";
    }
    kept += 2;
  }
  if (kept < list.length) list.length = kept;
}

/**
 * For a peer that is not trusted, in place: the request's fields with X-Forwarded-For, -Proto, -Host, -Port and Forwarded (RFC 7239) made
 * anew from the hop, and all that the peer has claimed left out.
 */
export function replaceForwarded(list: FieldList, hop: ForwardedHop): void {
  removeForwarded(list);
  const address = plainAddress(hop.peerAddress);
  list.push("X-Forwarded-For", address, "X-Forwarded-Proto", hop.scheme);
  if (hop.host !== "") list.push("X-Forwarded-Host", hop.host);
  list.push("X-Forwarded-Port", String(hop.port), "Forwarded", forwardedMember(address, hop));
}

/**
 * For a trusted peer, in place: its address is appended to X-Forwarded-For and a member to Forwarded; the scheme, host and port that it
 * tells stay, since it was nearer to the client, and are added where it tells none.
 */
export function appendForwarded(list: FieldList, hop: ForwardedHop): void {
  const address = plainAddress(hop.peerAddress);
  appendTo(list, "X-Forwarded-For", address);
  if (!hasField(list, "x-forwarded-proto")) list.push("X-Forwarded-Proto", hop.scheme);
  if (hop.host !== "" && !hasField(list, "x-forwarded-host")) list.push("X-Forwarded-Host", hop.host);
  if (!hasField(list, "x-forwarded-port")) list.push("X-Forwarded-Port", String(hop.port));
  appendTo(list, "Forwarded", forwardedMember(address, hop));
}

function appendTo(list: FieldList, name: string, member: string): void {
  const received = joinField(list, name.toLowerCase());
  setField(list, name, received === undefined || received === "" ? member : `${received}, ${member}`);
}

/**
 * The client's address by X-Forwarded-For: from the right, the first address that is not trusted; the leftmost where all are.
 * @param isTrusted whether an address belongs to our own proxies; it is asked for the peer first
 */
export function clientAddress(
  peerAddress: string,
  fields: readonly string[],
  isTrusted: (address: string) => boolean,
): string {
  let client = plainAddress(peerAddress);
  const received = joinField(fields, "x-forwarded-for");
  if (received === undefined) return client;
  const hops = received.split(",");
  for (let hop = hops.pop(); hop !== undefined && isTrusted(client); hop = hops.pop()) {
    const address = hop.trim();
    if (address === "") break;
    client = plainAddress(withoutPort(address));
  }
  return client;
}

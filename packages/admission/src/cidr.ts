import ipaddr from "ipaddr.js";

type Address = ReturnType<typeof ipaddr.parse>;

/** A range of addresses as it was written, and compiled. */
interface Cidr {
  readonly text: string;
  readonly network: Address;
  readonly bits: number;
}

/** Finds the first of some ranges that holds an address. */
export interface CidrSet {
  readonly size: number;
  readonly find: (address: Address) => string | undefined;
}

/**
 * Parses an address; IPv4-mapped IPv6 becomes IPv4, since a dual-stack socket shows its IPv4 peers so. Undefined for all that is
 * not an address, also for the octal, hexadecimal and short forms of IPv4 that readers disagree about.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.includes(":")) return ipaddr.IPv6.isValid(text) ? ipaddr.process(text) : undefined;
  return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text) : undefined;
}

function mappedCidr(text: string, address: Address, bits: number): Cidr {
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= 96) {
    return { text, network: address.toIPv4Address(), bits: bits - 96 };
  }
  return { text, network: address, bits };
}

function parseCidr(text: string): Cidr | undefined {
  if (!text.includes("/")) {
    const network = parseAddress(text);
    return network && { text, network, bits: network.kind() === "ipv4" ? 32 : 128 };
  }
  const v4 = ipaddr.IPv4.isValidCIDRFourPartDecimal(text);
  if (!v4 && !ipaddr.IPv6.isValidCIDR(text)) return undefined;
  const [address, bits] = ipaddr.parseCIDR(text);
  return mappedCidr(text, address, bits);
}

/** Whether a text is an address or a range in CIDR notation: `10.0.0.0/8`, `2001:db8::/32`, `::1`. For checking configs. */
export function isCidr(text: string): boolean {
  return parseCidr(text) !== undefined;
}

/**
 * Compiles ranges once.
 * @throws Error naming the first that is no address and no range
 */
export function compileCidrs(texts: readonly string[]): CidrSet {
  const cidrs = texts.map((text) => {
    const cidr = parseCidr(text);
    if (cidr) return cidr;
    throw new Error(`"${text}" is not an address or a range; expected one such as 10.0.0.0/8, 2001:db8::/32 or ::1.`);
  });
  return { size: cidrs.length, find: (address) => cidrs.find((cidr) => holds(cidr, address))?.text };
}

function holds({ network, bits }: Cidr, address: Address): boolean {
  return network.kind() === address.kind() && address.match(network, bits);
}

import { type Answer, type DecodedPacket, decode, encode, RECURSION_DESIRED, type SrvData } from "dns-packet";
import type { DnsAnswer, DnsQuestion, Service } from "./dns-answer.ts";

/** UDP answers up to this are asked for (EDNS, RFC 6891), bytes; what is larger would be cut up on its way (DNS Flag Day 2020). */
const UDP_SIZE = 1232;

const ASKABLE = /^(?=.{1,253}$)[0-9A-Za-z_-]{1,63}(\.[0-9A-Za-z_-]{1,63})*\.?$/;

/** A message as one server sent it. */
export type DnsReply =
  | DnsAnswer
  /** There is more than fits: it is to be asked for by TCP. */
  | { readonly kind: "truncated" }
  /** It answers another question, or none. */
  | { readonly kind: "foreign" };

/** The types leave out what every decoded packet has. */
type Packet = DecodedPacket & { readonly rcode?: string };

/** A question as a message. `id` is 0 to 65535, and not to be guessed by others. */
export function encodeQuestion(id: number, { name, type }: DnsQuestion): Buffer {
  return encode({
    ...{ type: "query", id, flags: RECURSION_DESIRED },
    questions: [{ name: bare(name), type }],
    additionals: [
      {
        ...{ type: "OPT", name: ".", udpPayloadSize: UDP_SIZE },
        ...{ extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] },
      },
    ],
  });
}

/** Reads the answer to a question that was asked as `id`. */
export function decodeReply(message: Buffer, id: number, question: DnsQuestion): DnsReply {
  let packet: Packet;
  try {
    packet = decode(message);
  } catch (error) {
    return { kind: "failed", reason: `malformed answer (${error instanceof Error ? error.message : String(error)})` };
  }
  if (!answers(packet, id, question)) return { kind: "foreign" };
  if (packet.flag_tc) return { kind: "truncated" };
  if (packet.rcode === "NXDOMAIN") return { kind: "empty", reason: "no such name" };
  if (packet.rcode !== "NOERROR") return { kind: "failed", reason: `answered ${packet.rcode}` };
  return recordsOf(packet.answers ?? [], question);
}

function answers(packet: Packet, id: number, { name, type }: DnsQuestion): boolean {
  const [asked] = packet.questions ?? [];
  if (!packet.flag_qr || packet.id !== id || asked === undefined) return false;
  return asked.type === type && bare(asked.name).toLowerCase() === bare(name).toLowerCase();
}

/** The records that were asked for; a resolver puts the aliases (CNAME) that led there beside them. */
function recordsOf(records: readonly Answer[], { type }: DnsQuestion): DnsAnswer {
  const addresses: string[] = [];
  const services: Service[] = [];
  let ttl = Number.POSITIVE_INFINITY;
  for (const record of records) {
    if (record.type !== type && record.type !== "CNAME") continue;
    ttl = Math.min(ttl, record.ttl ?? 0);
    if (record.type === "SRV") services.push(...serviceOf(record.data));
    else if (record.type === type) addresses.push(record.data);
  }
  if (addresses.length + services.length === 0) return { kind: "empty", reason: "no such records" };
  return { kind: "records", addresses, services, ttl: ttl * 1000 };
}

/** None where the target is "." (RFC 2782: the service is not offered) or no name that can be asked for. */
function serviceOf({ target, port, priority = 0, weight = 0 }: SrvData): Service[] {
  return ASKABLE.test(target) && port > 0 ? [{ target, port, priority, weight }] : [];
}

const bare = (name: string): string => name.replace(/\.$/, "");

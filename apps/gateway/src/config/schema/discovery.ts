import { isIP } from "node:net";
import { z } from "zod";
import { count, duration, text } from "./fields.ts";

/** Where a DNS server is asked. */
export interface DnsServer {
  /** An IP address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** `10.0.0.2`, `10.0.0.2:53`, `::1` or `[::1]:53`, as node's `dns.getServers` writes them too; undefined where it is none. */
export function parseDnsServer(written: string): DnsServer | undefined {
  if (isIP(written) !== 0) return { host: written, port: 53 };
  const [, bracketed, plain, digits = "53"] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(written) ?? [];
  const host = bracketed ?? plain ?? "";
  const port = Number(digits);
  const version = bracketed === undefined ? 4 : 6;
  return isIP(host) === version && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

const SERVER = "a DNS server's IP address, with a port where wanted: 10.0.0.2, 10.0.0.2:5353, [fd00::2]:53";

const server = z.string({ error: SERVER }).refine((written) => parseDnsServer(written) !== undefined, SERVER);

const NAME = "a whole domain name such as api.internal or _http._tcp.api.internal";

const dns = z
  .strictObject(
    {
      name: text(/^(?=.{1,253}$)[0-9A-Za-z_-]{1,63}(\.[0-9A-Za-z_-]{1,63})*\.?$/, NAME).describe(
        "Name that is asked for. It is whole: no search domain is added, and the hosts file is not read.",
      ),
      type: z
        .enum(["address", "srv"])
        .prefault("address")
        .describe(
          "`address` asks for A and AAAA records: each address is a backend at `port`. `srv` asks for SRV records and their targets' addresses: port, priority and weight are the records'.",
        ),
      port: count(1, 65_535).optional().describe("Port of each address. Without it: the scheme's own."),
      scheme: z
        .enum(["http", "https"])
        .prefault("http")
        .describe(
          "How the backends are spoken to. Certificates of https ones are checked against the name (of `srv` without its `_service._proto` labels), or `tls.servername`.",
        ),
      family: z
        .enum(["any", "ipv4", "ipv6"])
        .prefault("any")
        .describe("Addresses that are asked for: `any` asks for both kinds, and a host with both counts twice."),
      servers: z
        .array(server, { error: `a list of ${SERVER}` })
        .min(1, SERVER)
        .max(8, "at most 8 DNS servers")
        .optional()
        .describe("DNS servers, the first one first; the next is asked where one fails. Without it: the system's."),
      floor: duration({ min: 100 })
        .prefault("1s")
        .describe("Shortest time between two questions for a name, whatever the answer's TTL; a longer TTL rules."),
      hold: duration({ min: 0 })
        .prefault("30s")
        .describe("How long the last addresses stay in use once the answer is that there are none."),
      stale: duration({ min: 0 })
        .prefault("1d")
        .describe("How long they stay in use while no server answers; health checks go on meanwhile."),
      timeout: duration({ max: 60_000 }).prefault("2s").describe("Longest wait for one server's answer."),
      limit: count(1, 10_000)
        .prefault(1000)
        .describe("Backends that are taken at most, by priority and address; the rest is left out, and told."),
    },
    { error: "an object with name" },
  )
  .superRefine(({ type, port }, context) => {
    if (type === "address" || port === undefined) return;
    context.addIssue({ code: "custom", path: ["port"], message: "nothing, since SRV records have their own ports" });
  })
  .describe("Backends by DNS, asked again as the answers' TTLs say.");

const list = z
  .strictObject(
    {
      path: text(/\.(ya?ml|json)$/, "the path of a .yaml, .yml or .json file")
        .meta({ file: true })
        .describe("A file that holds a list such as `backends`; it is watched."),
    },
    { error: "an object with path" },
  )
  .describe("Backends by a file. While that is missing or wrong the last good list stays.");

export const discovery = z
  .strictObject({ dns: dns.optional(), file: list.optional() }, { error: "an object with dns or file" })
  .refine(({ dns, file }) => dns !== undefined || file !== undefined, "dns, file or both")
  .describe("Where further backends are found, beside those of `backends`. See docs/discovery.md.");

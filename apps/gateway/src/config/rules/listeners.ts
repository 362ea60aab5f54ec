import type { Finding } from "../errors.ts";
import type { Path } from "../path.ts";
import { type Rule, type Sections, verdict } from "./rule.ts";

interface Endpoint {
  path: Path;
  port: number;
  hosts: readonly string[];
}

function endpoints({ listeners, admin }: Sections): Endpoint[] {
  const data = listeners?.map(({ port, host }, index) => ({
    path: ["listeners", index, "port"],
    port,
    hosts: host ?? ["*"],
  }));
  const control = admin ? [{ path: ["admin", "port"], port: admin.port, hosts: [admin.host] }] : [];
  return [...(data ?? []), ...control];
}

const overlap = (a: Endpoint, b: Endpoint): boolean =>
  a.port === b.port &&
  a.port !== 0 &&
  (a.hosts.includes("*") || b.hosts.includes("*") || a.hosts.some((host) => b.hosts.includes(host)));

/** One port on one address can be listened on once. */
export const distinctPorts: Rule = (sections) => {
  const all = endpoints(sections);
  const findings = all.flatMap((endpoint, index): Finding[] => {
    const other = all.slice(0, index).find((earlier) => overlap(earlier, endpoint));
    if (other === undefined) return [];
    const [section, at] = other.path;
    return [
      {
        path: endpoint.path,
        found: `${endpoint.port}, which ${section}[${at}] already has`,
        expected: "a port of its own",
      },
    ];
  });
  return verdict(findings);
};

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, findProgram, outputOf } from "./processes.ts";
import { API_KEY } from "./request-fields.ts";
import type { TemplateValues } from "./template.ts";
import { type Certificate, nodeCommand, peerFile, writeConfig } from "./world.ts";

/** Where and how a proxy is to run. */
export interface Site {
  /** Of its own, for its config and what else it writes. */
  readonly folder: string;
  readonly port: number;
  readonly origins: readonly number[];
  /** It is to speak TLS with this one; null: plain HTTP. */
  readonly certificate: Certificate | null;
  /** Processes among which it shares its work, where it can. */
  readonly workers: number;
}

export interface Peer {
  readonly name: string;
  readonly scenarios: readonly string[];
  /** Why it cannot take part and what helps; null: it can. */
  readonly missing: () => string | null;
  readonly version: () => string;
  readonly command: (site: Site) => Command;
}

const PLAIN = ["pass1k", "pass1m", "post10k", "p99"];
const TLS = ["tls1k", "conn"];
const HITS = ["hit1k", "hit64k"];
const ALL = [...PLAIN, ...TLS, ...HITS, "ws", "idle10k"];
const without = (...names: readonly string[]): readonly string[] => ALL.filter((name) => !names.includes(name));

interface Server {
  readonly name: string;
  readonly scenarios: readonly string[];
  /** Its executable, which prints its version with these arguments. */
  readonly file: string;
  readonly versionArgs: readonly string[];
  readonly template: string;
  readonly args: (config: string, site: Site) => readonly string[];
  readonly env?: (site: Site) => Readonly<Record<string, string>>;
}

function templateValues({ port, origins, certificate, workers }: Site): TemplateValues {
  const { cert = "", key = "", both = "" } = certificate ?? {};
  const tls = certificate !== null;
  return { port, origins, apiKey: API_KEY, tls, cert, key, both, workers, several: workers > 1 };
}

/** A server of the system's package of the same name. */
function packaged({ name, scenarios, file, versionArgs, template, args, env }: Server): Peer {
  return {
    name,
    scenarios,
    missing: () => (findProgram(file) ? null : `${file} is not installed: apt-get install ${name}`),
    version: () => /\d+\.\d+[.\d]*/.exec(outputOf(file, versionArgs))?.[0] ?? "unknown",
    command: (site) => {
      const config = writeConfig(site.folder, template, templateValues(site));
      return { file, args: args(config, site), ...(env === undefined ? {} : { env: env(site) }) };
    },
  };
}

function packageVersion(name: string): string {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).version;
}

/** A proxy in Node: a script of ours that runs a package as its readme says. */
function scripted(name: string, scenarios: readonly string[], version: () => string): Peer {
  const file = peerFile(`${name.replace("@", "").replace("/", "-")}.mjs`);
  return {
    name,
    scenarios,
    missing: () => null,
    version,
    command: ({ port, origins, certificate }) => {
      const tls = certificate === null ? {} : { TLS_CERT: certificate.cert, TLS_KEY: certificate.key };
      return nodeCommand(file, { PORT: String(port), ORIGINS: origins.join(","), ...tls });
    },
  };
}

/** The built gateway's command line. */
export const GATEWAY = fileURLToPath(new URL("../../apps/gateway/dist/main.js", import.meta.url));

const HEADGATE: Peer = {
  name: "headgate",
  scenarios: ALL,
  missing: () => (existsSync(GATEWAY) ? null : "the gateway is not built: pnpm build"),
  version: () => packageVersion("@headgate/gateway"),
  command: (site) => {
    const config = writeConfig(site.folder, "headgate.yaml", templateValues(site));
    return nodeCommand(GATEWAY, {}, ["start", "--config", config, "--workers", String(site.workers)]);
  },
};

/** What `--check` compares with: node:http, undici and a Map, without a proxy's features. */
export const BARE_NODE = "bare-node";

export const PEERS: readonly Peer[] = [
  HEADGATE,
  packaged({
    ...{ name: "nginx", scenarios: ALL, file: "nginx", versionArgs: ["-v"], template: "nginx.conf" },
    args: (config, { folder }) => ["-p", folder, "-c", config, "-e", join(folder, "error.log")],
  }),
  packaged({
    ...{ name: "haproxy", scenarios: ALL, file: "haproxy", versionArgs: ["-v"], template: "haproxy.cfg" },
    args: (config) => ["-db", "-f", config],
  }),
  packaged({
    ...{ name: "varnish", scenarios: without(...TLS), file: "varnishd", versionArgs: ["-V"], template: "varnish.vcl" },
    args: (config, { folder, port }) => [
      ...["-F", "-j", "none", "-n", join(folder, "work"), "-a", `127.0.0.1:${port}`, "-f", config, "-T", "none"],
      ...["-s", "malloc,256m", "-p", "thread_pools=1", "-p", "thread_pool_min=100", "-p", "timeout_idle=3600"],
    ],
  }),
  packaged({
    ...{
      name: "caddy",
      scenarios: without(...HITS),
      file: "caddy",
      versionArgs: ["version"],
      template: "caddy.json",
    },
    args: (config) => ["run", "--config", config],
    env: ({ folder }) => ({ GOMAXPROCS: "1", XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }),
  }),
  scripted("http-proxy", without(...HITS), () => packageVersion("http-proxy-1")),
  scripted("http-proxy-3", without(...HITS), () => packageVersion("http-proxy-3")),
  scripted("fast-proxy", without(...HITS, "ws"), () => packageVersion("fast-proxy")),
  // It keeps connections open although the client asks for their end: conn would not be about new ones.
  scripted("@fastify/http-proxy", without(...HITS, "conn"), () => packageVersion("@fastify/http-proxy")),
  scripted(BARE_NODE, ["pass1k", ...HITS], () => process.versions.node),
];

export const PEER_NAMES: readonly string[] = PEERS.map(({ name }) => name);

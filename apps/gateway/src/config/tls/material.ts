import type { X509Certificate } from "node:crypto";
import type { SecureVersion } from "node:tls";
import { ConfigError, type Finding, locateFinding } from "../errors.ts";
import type { Path } from "../path.ts";
import type { Verdict } from "../rules/rule.ts";
import type { ParsedConfig } from "../schema.ts";
import type { ConfigSnapshot } from "../snapshot.ts";
import { readCertificates, readPrivateKey } from "./pem.ts";
import { ensureSelfSigned } from "./self-signed.ts";

/** TLS options of a listener, as node:tls and node:http2 take them. */
export interface ServerTls {
  cert: string;
  key: string;
  ca?: string;
  /** With `ca`: only clients with a certificate that it signed get in. */
  requestCert: boolean;
  rejectUnauthorized: boolean;
  minVersion: SecureVersion;
}

/** TLS options of a pool's connections, as node:tls takes them. */
export interface ClientTls {
  rejectUnauthorized: boolean;
  ca?: string;
  cert?: string;
  key?: string;
  servername?: string;
}

/** Certificates and keys as text. */
export interface TlsMaterial {
  /** One for each of `config.listeners`; undefined for a plain one. */
  listeners: (ServerTls | undefined)[];
  pools: Record<string, ClientTls>;
  /** For the connections to Redis, where the cache has it. */
  redis?: ClientTls | undefined;
}

type ListenerFiles = Exclude<NonNullable<ParsedConfig["listeners"][number]["tls"]>, "self-signed">;
type ClientFiles = ParsedConfig["pools"][string]["tls"];

const DAY = 86_400_000;
const WARN_DAYS = 14;

/** Findings of one loading, together with its clock. */
interface Loading extends Verdict {
  now: number;
}

const startLoading = (now: number): Loading => ({ now, findings: [], warnings: [] });

function checkDates(leaf: X509Certificate, file: string, path: Path, { now, findings, warnings }: Loading): void {
  const ends = leaf.validToDate.getTime();
  const expected = "a certificate that is valid now";
  if (leaf.validFromDate.getTime() > now)
    findings.push({ path, found: `${file}, which is valid only from ${leaf.validFromDate.toISOString()}`, expected });
  else if (ends <= now)
    findings.push({
      path,
      found: `${file}, which expired on ${leaf.validToDate.toISOString()}`,
      expected,
      hint: "renew it",
    });
  else if (ends - now < WARN_DAYS * DAY)
    warnings.push(`The certificate ${file} expires on ${leaf.validToDate.toISOString()}: renew it.`);
}

/** A certificate and its key, checked against each other. */
async function loadPair(cert: string, key: string, path: Path, loading: Loading) {
  const [chain, secret] = await Promise.all([
    readCertificates(cert, [...path, "cert"]),
    readPrivateKey(key, [...path, "key"]),
  ]);
  if (!chain.ok) loading.findings.push(chain.finding);
  else checkDates(chain.value[0], cert, [...path, "cert"], loading);
  if (!secret.ok) loading.findings.push(secret.finding);
  if (!chain.ok || !secret.ok) return undefined;
  if (!chain.value[0].checkPrivateKey(secret.value)) {
    const finding: Finding = {
      path: [...path, "key"],
      found: `${key}, the key of another certificate`,
      expected: `the private key of ${cert}`,
    };
    loading.findings.push(finding);
  }
  return { cert: chain.text, key: secret.text };
}

async function loadAuthorities(ca: string | undefined, path: Path, { findings }: Loading): Promise<{ ca?: string }> {
  if (ca === undefined) return {};
  const chain = await readCertificates(ca, [...path, "ca"]);
  if (chain.ok) return { ca: chain.text };
  findings.push(chain.finding);
  return {};
}

async function loadListener(
  tls: Readonly<ListenerFiles>,
  path: Path,
  loading: Loading,
): Promise<ServerTls | undefined> {
  const [pair, authorities] = await Promise.all([
    loadPair(tls.cert, tls.key, path, loading),
    loadAuthorities(tls.ca, path, loading),
  ]);
  const mutual = tls.ca !== undefined;
  return (
    pair && { ...pair, ...authorities, requestCert: mutual, rejectUnauthorized: mutual, minVersion: tls.minVersion }
  );
}

async function loadClient(tls: Readonly<ClientFiles>, path: Path, loading: Loading): Promise<ClientTls> {
  const [pair, authorities] = await Promise.all([
    tls.cert && tls.key ? loadPair(tls.cert, tls.key, path, loading) : undefined,
    loadAuthorities(tls.ca, path, loading),
  ]);
  const servername = tls.servername === undefined ? {} : { servername: tls.servername };
  return { rejectUnauthorized: tls.verify, ...pair, ...authorities, ...servername };
}

interface TlsSections {
  listeners?: ConfigSnapshot["listeners"] | ParsedConfig["listeners"] | undefined;
  pools?: ConfigSnapshot["pools"] | undefined;
  cache?: ConfigSnapshot["cache"] | undefined;
}

async function loadFiles({ listeners = [], pools = {}, cache }: TlsSections, loading: Loading): Promise<TlsMaterial> {
  const servers = listeners.map(({ tls }, index) =>
    typeof tls === "object" ? loadListener(tls, ["listeners", index, "tls"], loading) : undefined,
  );
  const clients = Object.entries(pools).map(
    async ([name, { tls }]) => [name, await loadClient(tls, ["pools", name, "tls"], loading)] as const,
  );
  const { redis } = cache ?? {};
  return {
    listeners: await Promise.all(servers),
    pools: Object.fromEntries(await Promise.all(clients)),
    redis: redis && (await loadClient(redis.tls, ["cache", "redis", "tls"], loading)),
  };
}

/** Checks every certificate, key and authority file that a config names, as of `now` (ms), without making any. */
export async function checkTlsFiles(sections: TlsSections, now: number): Promise<Verdict> {
  const loading = startLoading(now);
  await loadFiles(sections, loading);
  return { findings: loading.findings, warnings: loading.warnings };
}

/**
 * Reads certificates and keys of all listeners, pools and Redis; makes the self-signed one where a listener asks for it and none
 * that is good at `now` (ms) is kept. Throws `ConfigError` with every file at fault, `UserError` where `stateDir` cannot be used.
 */
export async function loadTlsMaterial(config: ConfigSnapshot, now: number): Promise<TlsMaterial> {
  const loading = startLoading(now);
  const material = await loadFiles(config, loading);
  if (loading.findings.length > 0)
    throw new ConfigError(loading.findings.map((finding) => locateFinding(finding, () => undefined)));
  if (!config.listeners.some(({ tls }) => tls === "self-signed")) return material;
  const { cert, key } = await ensureSelfSigned(config.stateDir, now);
  const own: ServerTls = { cert, key, requestCert: false, rejectUnauthorized: false, minVersion: "TLSv1.2" };
  return {
    ...material,
    listeners: config.listeners.map(({ tls }, index) => (tls === "self-signed" ? own : material.listeners[index])),
  };
}

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, findProgram, type Processes } from "./processes.ts";
import { SCENARIOS } from "./scenarios.ts";
import { renderTemplate, type TemplateValues } from "./template.ts";
import { waitUntilReady } from "./verify.ts";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** Both in one file, as HAProxy wants it. */
  readonly both: string;
}

/** What the proxies stand in. */
export interface World {
  readonly processes: Processes;
  /** Ports of the origin. */
  readonly origins: readonly number[];
  /** Port of the origin that echoes WebSocket messages. */
  readonly echo: number;
  /** What the origin is: `nginx` or `node`. */
  readonly origin: "nginx" | "node";
  /** Self-signed, P-256; null where no scenario is over TLS. */
  readonly certificate: Certificate | null;
}

const ORIGINS = 4;

export const peerFile = (name: string): string => fileURLToPath(new URL(`../peers/${name}`, import.meta.url));

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("the system gave no port");
  return address.port;
}

/** Writes a config from its template into a folder of its own. */
export function writeConfig(folder: string, name: string, values: TemplateValues): string {
  const file = join(folder, name);
  writeFileSync(file, renderTemplate(readFileSync(peerFile(`${name}.template`), "utf8"), { folder, ...values }));
  return file;
}

function text(length: number): string {
  const line = "a line of a text that compresses as prose does; ";
  return line.repeat(Math.ceil(length / line.length)).slice(0, length);
}

/** Runs a Node peer or origin. Full handshakes only: see no-tickets.cnf. */
export function nodeCommand(
  file: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Command {
  const flags = [`--openssl-config=${peerFile("no-tickets.cnf")}`];
  return { file: process.execPath, args: [...flags, file, ...args], env: { NODE_ENV: "production", ...env } };
}

/** nginx as the origin, with its files in a folder of this name. @param origins `HOST:PORT` each */
export function nginxOrigin(processes: Processes, name: string, origins: readonly string[], workers: number): Command {
  const folder = processes.makeFolder(name);
  for (const kind of ["p", "c"]) {
    mkdirSync(join(folder, "files", kind), { recursive: true });
    writeFileSync(join(folder, "files", kind, "64k"), text(65_536));
    writeFileSync(join(folder, "files", kind, "1m"), text(1_048_576));
  }
  const config = writeConfig(folder, "origin.conf", { origins, body1k: text(1024), workers });
  return { file: "nginx", args: ["-p", folder, "-c", config, "-e", join(folder, "error.log")] };
}

const nodeOrigin = (ports: readonly number[]): Command =>
  nodeCommand(peerFile("origin.mjs"), { ORIGINS: ports.join(",") });

function makeCertificate(folder: string): Certificate {
  if (!findProgram("openssl")) throw new Error("the scenarios over TLS need openssl: apt-get install openssl");
  const [cert, key, both] = ["cert.pem", "key.pem", "both.pem"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"];
  const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  execFileSync("openssl", ["req", "-x509", ...curve, ...name, "-keyout", key, "-out", cert], { stdio: "ignore" });
  writeFileSync(both, readFileSync(cert, "utf8") + readFileSync(key, "utf8"));
  return { cert, key, both };
}

/** Starts the origins, and makes a certificate where one is needed. nginx listens on the ports of all `hosts`. */
export async function createWorld(
  processes: Processes,
  needsTls: boolean,
  hosts: readonly string[] = ["127.0.0.1"],
): Promise<World> {
  const origins = await Promise.all(Array.from({ length: ORIGINS }, freePort));
  const echo = await freePort();
  const origin = findProgram("nginx") ? "nginx" : "node";
  const [plain] = SCENARIOS;
  const places = hosts.flatMap((host) => origins.map((port) => `${host}:${port}`));
  const command = origin === "nginx" ? nginxOrigin(processes, "origin", places, 1) : nodeOrigin(origins);
  const started = [
    { running: processes.start("origin", "load", command), port: origins[0] },
    { running: processes.start("echo", "load", nodeOrigin([echo])), port: echo },
  ];
  for (const { running, port } of started) {
    if (plain !== undefined && port !== undefined) await waitUntilReady(running, port, plain);
  }
  return { processes, origins, echo, origin, certificate: needsTls ? makeCertificate(processes.folder) : null };
}

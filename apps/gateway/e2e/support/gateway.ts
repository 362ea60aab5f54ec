import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ConfigInput } from "../../src/config/schema.ts";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** A gateway in its own process, as a user starts it. */
export interface RunningGateway {
  /** Port of the plain listener. */
  readonly http: number;
  /** Port of the TLS listener; 0 where the config has none. */
  readonly https: number;
  readonly admin: string;
  readonly pid: number;
  readonly process: ChildProcess;
  readonly folder: string;
  readonly configFile: string;
  /** All it has printed. */
  log(): string;
  /** Resident memory now, bytes. */
  memory(): number;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** What most tests want: plain HTTP, no keys, no default lifetime, ports of the system's choice. */
export function testConfig(backends: readonly (number | string)[], more: ConfigInput = {}): ConfigInput {
  const urls = backends.map((backend) => (typeof backend === "number" ? `http://127.0.0.1:${backend}` : backend));
  return {
    listeners: [{ port: 0, host: "127.0.0.1" }],
    admin: { port: 0 },
    routes: [{ path: "/", auth: "none" }],
    pools: { default: { backends: urls, health: false } },
    cache: { ttl: 0 },
    ...more,
  };
}

/** Starts a gateway and waits until it is ready. */
export async function startGateway(config: ConfigInput, env: Record<string, string> = {}): Promise<RunningGateway> {
  const folder = mkdtempSync(join(tmpdir(), "headgate-e2e-"));
  const configFile = join(folder, "headgate.config.json");
  writeFileSync(configFile, JSON.stringify(config));
  // Variables that begin so are settings of the gateway; those of the tests' own are not for it.
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("HEADGATE_")));
  const child = fork(MAIN, ["start", "--config", configFile], {
    cwd: folder,
    env: { ...inherited, ...env },
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (printed += chunk));
  const { urls, admin } = await ready(child, () => printed);
  const portOf = (scheme: string): number =>
    Number(urls.map((url) => new URL(url)).find(({ protocol }) => protocol === scheme)?.port ?? 0);
  return {
    http: portOf("http:"),
    https: portOf("https:"),
    admin: admin ?? "",
    pid: child.pid ?? 0,
    process: child,
    folder,
    configFile,
    log: () => printed,
    memory: () => residentMemory(child.pid ?? 0),
    stop: () => stop(child, folder),
  };
}

interface Ready {
  readonly type: "listening";
  readonly urls: readonly string[];
  readonly admin: string | null;
}

function ready(child: ChildProcess, printed: () => string): Promise<Ready> {
  return new Promise((resolve, reject) => {
    child.on("message", (message) => resolve(message as Ready));
    child.on("exit", (code) => reject(new Error(`the gateway ended with ${code} before it was ready:\n${printed()}`)));
  });
}

async function stop(child: ChildProcess, folder: string): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGTERM");
    await once(child, "exit");
  }
  rmSync(folder, { recursive: true, force: true });
  return child.exitCode;
}

function residentMemory(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1] ?? 0) * 1024;
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export interface RedisServerOptions {
  /** Further arguments, such as `["--maxmemory", "2mb"]`. */
  readonly args?: readonly string[];
}

/** The path of redis-server, or of its like; undefined where there is none on PATH. */
export function redisServerBinary(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return ["redis-server", "valkey-server"]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A port of the loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** A redis-server of its own for tests: on a free port of the loopback, keeping nothing on disk. */
export class RedisServer {
  readonly port: number;
  readonly #args: readonly string[];
  readonly #folder: string;
  #child: ChildProcess | null = null;

  private constructor(port: number, { args = [] }: RedisServerOptions) {
    this.port = port;
    this.#args = args;
    this.#folder = mkdtempSync(join(tmpdir(), "headgate-redis-"));
  }

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    for (;;) {
      const server = new RedisServer(await freePort(), options);
      if (await server.start()) return server;
      // Somebody else was quicker to take the port.
      rmSync(server.#folder, { recursive: true, force: true });
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it on its port; false where that is taken. */
  async start(): Promise<boolean> {
    const binary = redisServerBinary();
    if (binary === undefined) throw new Error("redis-server is not on PATH: apt-get install redis-server");
    const fixed = ["--port", String(this.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    const child = spawn(binary, [...fixed, ...this.#args], {
      cwd: this.#folder,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const killChild = (): unknown => child.kill("SIGKILL");
    process.once("exit", killChild);
    child.once("exit", () => process.off("exit", killChild));
    const isReady = await untilReady(child);
    this.#child = isReady ? child : null;
    return isReady;
  }

  /** Sends one command on a connection of its own; the reply as it came (RESP2). Fails for an error reply. */
  async command(...args: readonly string[]): Promise<string> {
    const socket = connect(this.port, "127.0.0.1");
    const parts = args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`);
    socket.end(`*${args.length}\r\n${parts.join("")}`);
    let reply = "";
    for await (const chunk of socket) reply += chunk;
    if (reply.startsWith("-")) throw new Error(reply.trim());
    return reply;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** SIGKILL, and waits until it is gone; `start` brings it back, empty. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function untilReady(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let printed = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk;
      if (/ready to accept connections/i.test(printed)) resolve(true);
    });
    child.on("error", reject);
    child.on("exit", () => {
      if (/address already in use/i.test(printed)) resolve(false);
      else reject(new Error(`redis-server ended before it was ready:\n${printed}`));
    });
  });
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { eventually } from "./raw-client.ts";

const MAIN = fileURLToPath(new URL("../../../sample-backend/dist/main.js", import.meta.url));

/** A sample backend that registers itself with a gateway, in a process of its own. */
export class RegisteredBackend {
  port = 0;
  readonly #child: ChildProcess;
  #printed = "";

  private constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on("data", (chunk: Buffer) => {
        this.#printed += chunk;
      });
  }

  static async start(admin: string, ...args: string[]): Promise<RegisteredBackend> {
    const backend = new RegisteredBackend(["0", "--register", admin, ...args]);
    const listening = (): RegExpExecArray | null => /listening on http:\/\/[^:]+:(\d+)/.exec(backend.#printed);
    await eventually(() => listening() !== null, "the backend listens", 20_000);
    backend.port = Number(listening()?.[1]);
    return backend;
  }

  /** `host:port`, as X-Backend-Server tells it. */
  get id(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** All it has printed. */
  log(): string {
    return this.#printed;
  }

  /** Ends it, and gives back its exit code; null where it was killed. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return exitCode;
    this.#child.kill(signal);
    await once(this.#child, "exit");
    return this.#child.exitCode;
  }
}

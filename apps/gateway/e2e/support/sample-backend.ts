import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../../sample-backend/dist/main.js", import.meta.url));

/** A sample backend in a process of its own, which can be killed, stopped and started again on its port. */
export class SampleBackend {
  port = 0;
  #child: ChildProcess | null = null;

  static async start(port = 0): Promise<SampleBackend> {
    const backend = new SampleBackend();
    backend.port = port;
    await backend.start();
    return backend;
  }

  /** `host:port`, as X-Backend-Server tells it. */
  get id(): string {
    return `127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const child = fork(MAIN, [String(this.port)], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
    this.#child = child;
    let printed = "";
    for await (const chunk of child.stdout ?? []) {
      printed += chunk;
      const url = /http:\/\/[^:]+:(\d+)/.exec(printed);
      if (url !== null) {
        this.port = Number(url[1]);
        break;
      }
    }
    child.stdout?.resume();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** SIGKILL, and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
}

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("./ledger-backend-main.ts", import.meta.url));

/** A backend in a process of its own that writes down what it runs, so that it is known even of one that was killed. */
export class LedgerBackend {
  port = 0;
  readonly #ledger: string;
  #child: ChildProcess | null = null;

  /** @param ledger file that several backends may share */
  static async start(ledger: string): Promise<LedgerBackend> {
    const backend = new LedgerBackend(ledger);
    await backend.start();
    return backend;
  }

  constructor(ledger: string) {
    this.#ledger = ledger;
  }

  /** `host:port`, as X-Backend-Server tells it. */
  get id(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** On the port it had before, if it had one. */
  async start(): Promise<void> {
    const child = fork(MAIN, [String(this.port), this.#ledger]);
    this.#child = child;
    const [port] = await once(child, "message");
    this.port = port as number;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** SIGKILL, and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }
}

/** What was run: the backend that ran each id, as often as it did. */
export function readLedger(ledger: string): Map<string, string[]> {
  const runs = new Map<string, string[]>();
  for (const line of readFileSync(ledger, "utf8").split("\n")) {
    const [id = "", port] = line.split(" ");
    if (id !== "") runs.set(id, [...(runs.get(id) ?? []), `127.0.0.1:${port}`]);
  }
  return runs;
}

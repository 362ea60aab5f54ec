import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Behaviour } from "./behaviour.ts";

const MAIN = fileURLToPath(new URL("./ledger-backend-main.ts", import.meta.url));

/** A backend in a process of its own that writes down what it runs, so that it is known even of one that was killed. */
export class LedgerBackend {
  port = 0;
  readonly #ledger: string;
  #behaviour: Partial<Behaviour>;
  #child: ChildProcess | null = null;

  /** @param ledger file that several backends may share */
  static async start(ledger: string, behaviour: Partial<Behaviour> = {}): Promise<LedgerBackend> {
    const backend = new LedgerBackend(ledger, behaviour);
    await backend.start();
    return backend;
  }

  constructor(ledger: string, behaviour: Partial<Behaviour> = {}) {
    this.#ledger = ledger;
    this.#behaviour = behaviour;
  }

  /** `host:port`, as X-Backend-Server tells it. */
  get id(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** On the port it had before, if it had one. */
  async start(): Promise<void> {
    const child = fork(MAIN, [String(this.port), this.#ledger, JSON.stringify(this.#behaviour)]);
    this.#child = child;
    const [port] = await once(child, "message");
    this.port = port as number;
  }

  /** From now on, and when it is started again. */
  async behave(changes: Partial<Behaviour>): Promise<void> {
    this.#behaviour = { ...this.#behaviour, ...changes };
    const child = this.#child;
    if (child === null) return;
    const changed = once(child, "message");
    child.send(changes);
    await changed;
  }

  /** Behaves so, and is started where it does not run. */
  async run(behaviour: Behaviour): Promise<void> {
    await this.behave(behaviour);
    if (this.#child === null) await this.start();
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

/**
 * What was run: the backend that ran each id, as often as it did; of one method, where that is given. With `cancelled`: what was
 * given up by the other side before its answer.
 */
export function readLedger(ledger: string, method?: string): Map<string, string[]> {
  const runs = new Map<string, string[]>();
  for (const line of readFileSync(ledger, "utf8").split("\n")) {
    const [id = "", port, by] = line.split(" ");
    if (id !== "" && (method === undefined ? by !== "cancelled" : by === method))
      runs.set(id, [...(runs.get(id) ?? []), `127.0.0.1:${port}`]);
  }
  return runs;
}

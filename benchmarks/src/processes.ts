import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { allowedCpus, processTree } from "./proc.ts";

/** The proxy under test has one CPU for itself; origin and load generator share the other. */
export type Place = "proxy" | "load";

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Running {
  readonly name: string;
  readonly pid: number;
  readonly child: ChildProcess;
  /** What it has printed so far, the end of it. */
  readonly log: () => string;
}

/** Debian keeps servers where the PATH of users does not look. */
const PATH = `${process.env.PATH ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`;

/** Whether a program is there. */
export function findProgram(file: string): boolean {
  return PATH.split(":").some((folder) => existsSync(join(folder, file)));
}

/** Both outputs of a program that ends at once, such as `nginx -v`. */
export function outputOf(file: string, args: readonly string[]): string {
  return execFileSync("sh", ["-c", '"$0" "$@" 2>&1', file, ...args], {
    encoding: "utf8",
    env: { ...process.env, PATH },
  });
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

/** All processes of a run and the folder they work in. `close` ends the ones and removes the other. */
export class Processes {
  /** In memory where that is possible, so that no disk takes part. nginx's workers are somebody else: they need to get in. */
  readonly folder: string;
  readonly #running = new Set<Running>();
  readonly #cpus: Readonly<Record<Place, number>> | null;
  #closed = false;

  constructor(tell: (line: string) => void) {
    this.folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "headgate-bench-"));
    chmodSync(this.folder, 0o755);
    const [load, proxy] = allowedCpus();
    const isPinned = load !== undefined && proxy !== undefined && findProgram("taskset");
    this.#cpus = isPinned ? { load, proxy } : null;
    if (!isPinned)
      tell("not pinned to CPUs: that needs two of them, and taskset. The figures will move more than they should.");
  }

  /** Makes a folder below the run's own that every user may write to. */
  makeFolder(name: string): string {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o777);
    return folder;
  }

  /** Starts what runs until it is stopped. */
  start(name: string, place: Place, command: Command): Running {
    const file = join(this.folder, `${name}.log`);
    const log = openSync(file, "a");
    const child = this.#spawn(place, command, ["ignore", log, log]);
    closeSync(log);
    const tail = (): string => readFileSync(file, "utf8").split("\n").slice(-12).join("\n").trim();
    const running = { name, pid: child.pid ?? -1, child, log: tail };
    this.#running.add(running);
    child.on("exit", () => this.#running.delete(running));
    return running;
  }

  /** Runs a load generator to its end. Resolves to what it printed; rejects where it fails. */
  async run(command: Command): Promise<string> {
    const child = this.#spawn("load", command, ["ignore", "pipe", "pipe"]);
    const running = { name: command.file, pid: child.pid ?? -1, child, log: () => "" };
    this.#running.add(running);
    let printed = "";
    const collect = (chunk: Buffer): void => {
      printed += chunk.toString();
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
    this.#running.delete(running);
    if (status !== 0) throw new Error(`${command.file} failed: ${printed.trim() || "it was ended"}`);
    return printed;
  }

  async stop({ pid, child }: Running): Promise<void> {
    const tree = processTree(pid);
    child.kill("SIGTERM");
    for (let waited = 0; waited < 3000 && !hasEnded(child); waited += 50) await sleep(50);
    for (const each of tree.toReversed()) killIfThere(each);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#running].map((each) => this.stop(each)));
    rmSync(this.folder, { recursive: true, force: true });
  }

  #spawn(
    place: Place,
    { file, args, env }: Command,
    stdio: ["ignore", number | "pipe", number | "pipe"],
  ): ChildProcess {
    if (this.#closed) throw new Error("the run has been stopped");
    const cpus = this.#cpus;
    const [first, ...rest] = cpus === null ? [file, ...args] : ["taskset", "-c", String(cpus[place]), file, ...args];
    const child = spawn(first ?? file, rest, { cwd: this.folder, env: { ...process.env, PATH, ...env }, stdio });
    // Where a program cannot be started, whoever waits for its answer tells so.
    child.on("error", () => child.emit("close", -1));
    return child;
  }
}

/** For what is left of a tree whose root has ended. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

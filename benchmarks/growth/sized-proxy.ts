import { renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { BARE_NODE, GATEWAY } from "../src/peers.ts";
import type { Command, Processes, Running } from "../src/processes.ts";
import { waitUntilReady } from "../src/verify.ts";
import { freePort, nodeCommand, peerFile } from "../src/world.ts";
import { configFor, type Size } from "./cases.ts";

/**
 * A process that has one size at a time. Headgate goes over to another by a new config, so that both are measured in one
 * process: two of the same build and config may differ by more than what is looked for.
 */
export class SizedProxy {
  readonly #processes: Processes;
  readonly #running: Running;
  readonly #config: string;
  /** Each size has its own: a listener there is opened with its config. */
  readonly #ports: ReadonlyMap<Size, number>;
  #size: Size;

  private constructor(
    processes: Processes,
    running: Running,
    config: string,
    ports: ReadonlyMap<Size, number>,
    size: Size,
  ) {
    this.#processes = processes;
    this.#running = running;
    this.#config = config;
    this.#ports = ports;
    this.#size = size;
  }

  /** @param sizes of bare Node one: it has no config to load anew */
  static async start(processes: Processes, peer: string, sizes: readonly [Size, ...Size[]]): Promise<SizedProxy> {
    const [first] = sizes;
    const port = await freePort();
    const ports = new Map([[first, port]]);
    for (const size of sizes.slice(1)) ports.set(size, await freePort());
    const name = `${peer}-${port}`;
    const config = join(processes.makeFolder(name), "headgate.json");
    writeConfig(config, first, port);
    const command =
      peer === BARE_NODE ? bareNode(first, port) : nodeCommand(GATEWAY, {}, ["start", "--config", config]);
    const running = processes.start(name, "proxy", command);
    await waitUntilReady(running, port, { tls: false });
    return new SizedProxy(processes, running, config, ports, first);
  }

  get pid(): number {
    return this.#running.pid;
  }

  /** What it has printed so far, the end of it. */
  log(): string {
    return this.#running.log();
  }

  /** Goes over to a size, and tells at which port it has it. */
  async serve(size: Size): Promise<number> {
    const port = this.#ports.get(size);
    if (port === undefined) throw new Error(`it was not started for ${size.label}`);
    if (size !== this.#size) {
      writeConfig(this.#config, size, port);
      await waitUntilReady(this.#running, port, { tls: false });
      this.#size = size;
    }
    return port;
  }

  stop(): Promise<void> {
    return this.#processes.stop(this.#running);
  }
}

/** Never half a file: it may be read at any moment. */
function writeConfig(file: string, size: Size, port: number): void {
  writeFileSync(`${file}.new`, JSON.stringify(configFor(size, port, dirname(file))));
  renameSync(`${file}.new`, file);
}

function bareNode({ backends }: Size, port: number): Command {
  return nodeCommand(peerFile(`${BARE_NODE}.mjs`), { PORT: String(port), ORIGINS: backends.join(",") });
}

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { ConfigSnapshot } from "../config/snapshot.ts";

/** Gives a port that nobody listens on at `host` (`*`: any address). */
export type FreePort = (host: string) => Promise<number>;

/** Takes one of the system's choice and gives it back. */
export const freePort: FreePort = async (host) => {
  const server = createServer().listen({ port: 0, ...(host === "*" ? {} : { host }) });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
};

/**
 * Ports for listeners whose port is 0, any: all workers have to take the same one, at a reload too. A listener's place in the
 * list tells which it is.
 */
export class SettledPorts {
  readonly #free: FreePort;
  readonly #ports = new Map<number, number>();

  constructor(free: FreePort) {
    this.#free = free;
  }

  /** Finds a port for each listener that still has none. Rejects with the system's error. */
  async find({ listeners }: ConfigSnapshot): Promise<void> {
    for (const [index, { port, host }] of listeners.entries()) {
      if (port === 0 && !this.#ports.has(index)) this.#ports.set(index, await this.#free(host[0] ?? "*"));
    }
  }

  /** The config with a number for each port that was found. */
  settle(config: ConfigSnapshot): ConfigSnapshot {
    if (config.listeners.every(({ port }) => port !== 0)) return config;
    const listeners = config.listeners.map((listener, index) =>
      listener.port === 0 ? { ...listener, port: this.#ports.get(index) ?? 0 } : listener,
    );
    return { ...config, listeners };
  }
}

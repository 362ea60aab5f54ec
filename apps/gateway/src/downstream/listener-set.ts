import { isDeepStrictEqual } from "node:util";
import type { ConfigSnapshot } from "../config/snapshot.ts";
import type { ServerTls } from "../config/tls/material.ts";
import { type BoundAddress, type Listener, type ListenerParts, openListener } from "./listeners.ts";

type ListenerConfig = ConfigSnapshot["listeners"][number];

/** One listener of the config, open on its addresses. */
interface Open {
  readonly config: ConfigSnapshot;
  readonly listener: ListenerConfig;
  tls: ServerTls | undefined;
  readonly sockets: readonly Listener[];
}

/** The listeners of a config. A new config changes only those that differ, so that the others never miss a connection. */
export class ListenerSet {
  readonly #parts: ListenerParts;
  #open: Open[] = [];
  /** Closed for new connections, with some still open. */
  #retired: Listener[] = [];

  constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  /** Open connections. */
  get connections(): number {
    return [...this.#open.flatMap(({ sockets }) => sockets), ...this.#retired].reduce(
      (sum, one) => sum + one.connections,
      0,
    );
  }

  /**
   * Makes the open listeners those of `config`; `tls` has one entry for each. One that differs only in its certificate takes
   * the new one over; one whose port a new one needs is closed before it. Rejects with the system's error (EADDRINUSE, EACCES,
   * ...), and then those that were open before are open again.
   */
  async open(config: ConfigSnapshot, tls: readonly (ServerTls | undefined)[]): Promise<BoundAddress[]> {
    const before = this.#open;
    const kept = config.listeners.map((listener) => before.find((open) => staysOpen(open, config, listener)));
    const wanted = config.listeners.map((listener, index) => ({ config, listener, tls: tls[index] }));
    const missing = wanted.filter((_, index) => kept[index] === undefined);
    const inTheWay = before.filter(
      (open) => !kept.includes(open) && missing.some(({ listener }) => collide(open.listener, listener)),
    );
    for (const open of inTheWay) this.#retire(open);
    let opened: Open[];
    try {
      opened = await this.#openAll(missing);
    } catch (error) {
      // Best effort: what was closed to make room is opened again; where that fails too, the first error tells more.
      const reopened = await this.#openAll(inTheWay).catch(() => []);
      this.#open = [...before.filter((open) => !inTheWay.includes(open)), ...reopened];
      throw error;
    }
    this.#open = kept.map((open, index) => (open === undefined ? (opened.shift() as Open) : renew(open, tls[index])));
    for (const open of before) if (!this.#open.includes(open) && !inTheWay.includes(open)) this.#retire(open);
    return this.#open.flatMap(({ sockets }) => sockets.map(({ bound }) => bound));
  }

  /** Closes all for new connections and idle ones; those in use end with their response. */
  drain(): void {
    for (const open of this.#open) this.#retire(open);
    this.#open = [];
  }

  /** Breaks off what is left after `drain`. */
  destroy(): void {
    for (const listener of this.#retired) listener.destroy();
  }

  #retire({ sockets }: Open): void {
    for (const listener of sockets) listener.drain();
    this.#retired = [...this.#retired, ...sockets].filter(({ connections }) => connections > 0);
  }

  async #openAll(wanted: readonly Omit<Open, "sockets">[]): Promise<Open[]> {
    const opened: Open[] = [];
    try {
      for (const { config, listener, tls } of wanted) {
        opened.push({ config, listener, tls, sockets: await openListener(config, listener, tls, this.#parts) });
      }
    } catch (error) {
      for (const { sockets } of opened) for (const listener of sockets) listener.drain();
      throw error;
    }
    return opened;
  }
}

/** What a server is made with, beside its certificate. */
function madeOf({ limits, timeouts }: ConfigSnapshot, { port, host, tls, http2 }: ListenerConfig): object {
  return { port, host, secure: tls !== undefined, http2, limits, timeouts };
}

function staysOpen(open: Open, config: ConfigSnapshot, listener: ListenerConfig): boolean {
  return isDeepStrictEqual(madeOf(open.config, open.listener), madeOf(config, listener));
}

function collide(a: ListenerConfig, b: ListenerConfig): boolean {
  if (a.port !== b.port || a.port === 0) return false;
  return a.host.some((host) => b.host.includes(host) || host === "*") || b.host.includes("*");
}

function renew(open: Open, tls: ServerTls | undefined): Open {
  if (tls !== undefined && !isDeepStrictEqual(tls, open.tls)) for (const listener of open.sockets) listener.renew(tls);
  open.tls = tls;
  return open;
}

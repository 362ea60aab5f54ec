import { isDeepStrictEqual } from "node:util";
import type { Backend } from "@headgate/balancer";
import type { Schedule } from "@headgate/health";
import type { BackendConnections, ConnectionOptions } from "../upstream/send-pass.ts";

export interface PoolConnectionsPorts {
  readonly connect: (id: string, url: string, options: ConnectionOptions) => BackendConnections;
  readonly schedule: Schedule;
}

/** The connections of one pool's backends, those of backends that left included until they are idle. */
export class PoolConnections {
  readonly #ports: PoolConnectionsPorts;
  readonly #open = new Map<Backend, BackendConnections>();
  readonly #closing = new Set<BackendConnections>();
  /** Those of backends that left: an exchange that chose one just before is refused by them, and goes elsewhere. */
  readonly #left = new WeakMap<Backend, BackendConnections>();

  constructor(ports: PoolConnectionsPorts) {
    this.#ports = ports;
  }

  of(backend: Backend): BackendConnections {
    const connections = this.#open.get(backend) ?? this.#left.get(backend);
    if (connections === undefined) throw new Error(`backend ${backend.id} was never in this pool`);
    return connections;
  }

  /** Connections for `backend`; where it had others by other options, these finish what runs on them, for `grace` ms at most. */
  ensure(backend: Backend, options: ConnectionOptions, grace: number): void {
    const before = this.#open.get(backend);
    if (before !== undefined && isDeepStrictEqual(before.options, options)) return;
    this.#connect(backend, options);
    if (before !== undefined) this.#drain(before, grace);
  }

  /** New connections for `backend`; whatever runs on those it had is broken off. */
  renew(backend: Backend): void {
    const before = this.#open.get(backend);
    if (before === undefined) return;
    this.#connect(backend, before.options);
    this.#drain(before, 0);
  }

  /** The backend left: what runs there finishes, for `grace` ms at most. */
  close(backend: Backend, grace: number): void {
    const connections = this.#open.get(backend);
    if (connections === undefined) return;
    this.#open.delete(backend);
    this.#left.set(backend, connections);
    this.#drain(connections, grace);
  }

  /** Breaks off whatever still runs. */
  async destroy(): Promise<void> {
    const all = [...this.#open.values(), ...this.#closing];
    this.#open.clear();
    await Promise.allSettled(all.map((connections) => connections.destroy()));
  }

  #connect(backend: Backend, options: ConnectionOptions): void {
    this.#open.set(backend, this.#ports.connect(backend.id, backend.url, options));
  }

  #drain(connections: BackendConnections, grace: number): void {
    this.#closing.add(connections);
    const cancel = this.#ports.schedule(() => void settle(connections.destroy()), grace);
    void settle(connections.close()).then(() => {
      cancel();
      this.#closing.delete(connections);
    });
  }
}

/** Closing what is closed already rejects, and nobody minds. */
function settle(closing: Promise<void>): Promise<unknown> {
  return Promise.allSettled([closing]);
}

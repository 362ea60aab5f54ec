import type { BackendId } from "@headgate/balancer";
import type { PoolConfig } from "./connection-options.ts";
import type { ControlTime } from "./control-time.ts";
import { type DiscoveryPorts, type DiscoveryStatus, PoolDiscovery } from "./discovery/pool-discovery.ts";
import type { FoundBy } from "./discovery/source.ts";
import { Leases } from "./leases.ts";
import { type Member, Members } from "./members.ts";

/** By what backends joined or left. */
export type ChangedBy = "config" | "lease" | FoundBy;

export interface PoolMembersPorts {
  readonly pool: string;
  readonly time: ControlTime;
  readonly discovery: DiscoveryPorts;
  /** The list changed by itself. */
  readonly onChange: (by: ChangedBy) => void;
  /** A source has told its first list, or why it cannot. */
  readonly onFirst: () => void;
}

/** Who should be in one pool: by its config, by what is found, and by the admin API, where that says so for how long. */
export class PoolMembers {
  readonly #members = new Members();
  readonly #leases: Leases;
  readonly #discovery: PoolDiscovery;
  /** What another process says; null where it is decided here. */
  #told: readonly Member[] | null = null;

  constructor({ pool, time, discovery, onChange, onFirst }: PoolMembersPorts) {
    this.#leases = new Leases(time, (id) => {
      this.#members.forget(id);
      onChange("lease");
    });
    this.#discovery = new PoolDiscovery({
      ...discovery,
      ...{ pool, time, onFirst },
      onList: (source, backends) => {
        if (this.#members.read(source, backends)) onChange(source);
      },
    });
  }

  /** Takes over a version of the config. */
  configure({ backends, discovery }: PoolConfig): void {
    this.#members.read("config", backends);
    for (const id of this.#leases.ids) if (this.#members.get(id)?.origin !== "admin") this.#leases.end(id);
    this.#discovery.configure(discovery);
  }

  /** The admin API adds a backend, or changes one that it added before: for `lease` ms, or for good where that is null. */
  add(url: string, weight: number, lease: number | null): void {
    const { id } = this.#members.add(url, weight);
    if (lease === null) this.#leases.end(id);
    else this.#leases.renew(id, lease);
  }

  /** The admin API takes a backend out. */
  remove(id: BackendId): void {
    this.#leases.end(id);
    this.#members.remove(id);
  }

  /** Ends every timer, socket and watcher; the members stay. */
  stop(): void {
    this.#leases.stop();
    this.#discovery.stop();
  }

  /** From now on these belong to it, whatever config, discovery and admin API say. */
  follow(members: readonly Member[]): void {
    this.#told = members;
  }

  list(): readonly Member[] {
    return this.#told ?? this.#members.list();
  }

  get(id: BackendId): Member | undefined {
    return this.#told === null ? this.#members.get(id) : this.#told.find((member) => member.id === id);
  }

  /** Whether the first list of a source is still to come. */
  get pending(): boolean {
    return this.#discovery.pending;
  }

  get sources(): readonly DiscoveryStatus[] {
    return this.#discovery.status();
  }

  /** When a backend's lease is over, monotonic ms; null where it has none. */
  leaseUntil(id: BackendId): number | null {
    return this.#leases.until(id);
  }
}

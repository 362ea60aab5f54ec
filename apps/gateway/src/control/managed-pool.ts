import { isDeepStrictEqual } from "node:util";
import { type Backend, type BackendId, type Membership, Pool, RetryBudget } from "@headgate/balancer";
import type { ProbeResult } from "@headgate/health";
import type { ConfigSnapshot } from "../config/snapshot.ts";
import type { BackendConnections, BackendTls, ConnectionOptions } from "../upstream/send-pass.ts";
import type { PoolHealth, UpstreamPool } from "../upstream/upstream-pool.ts";
import { backendStatus } from "./backend-status.ts";
import { connectionOptions, type PoolConfig } from "./connection-options.ts";
import type { BackendStatus, PoolStatus } from "./control-plane.ts";
import type { ControlTime } from "./control-time.ts";
import { type Member, Members } from "./members.ts";
import { PoolChecks } from "./pool-checks.ts";
import { PoolConnections } from "./pool-connections.ts";
import type { PoolEventSink } from "./pool-event.ts";
import { policyName, policyOf } from "./pool-policy.ts";
import type { Prober } from "./probe.ts";

export interface ManagedPoolPorts {
  readonly time: ControlTime;
  readonly probe: Prober;
  readonly connect: (id: string, url: string, options: ConnectionOptions) => BackendConnections;
  readonly onEvent: PoolEventSink;
}

/** What one version of the config says of a pool. */
export interface PoolSettings {
  readonly config: PoolConfig;
  readonly tls: BackendTls;
  readonly limits: ConfigSnapshot["limits"];
  /** How long exchanges may go on at a backend that left, ms. */
  readonly grace: number;
}

/**
 * One pool over all versions of its config: its balancer, checks, budget and connections stay while settings and members
 * change. A backend stays the same while host, port and scheme do.
 */
export class ManagedPool implements UpstreamPool {
  readonly name: string;
  readonly balancer: Pool;
  readonly budget: RetryBudget = new RetryBudget();
  readonly #ports: ManagedPoolPorts;
  readonly #members = new Members();
  readonly #checks: PoolChecks;
  readonly #connections: PoolConnections;
  readonly #probe = (id: BackendId, signal: AbortSignal): Promise<ProbeResult> => {
    const { config, tls } = this.#settings;
    const url = this.balancer.get(id)?.url;
    if (url === undefined || config.health === false) throw new Error(`nothing to check at ${id}`);
    return this.#ports.probe({ url, path: config.health.path, tls }, signal);
  };
  #settings: PoolSettings;
  #options: ConnectionOptions;

  constructor(name: string, settings: PoolSettings, ports: ManagedPoolPorts) {
    const { time, onEvent, connect } = ports;
    this.name = name;
    this.balancer = new Pool(name, policyOf(settings.config.balancing));
    this.#ports = ports;
    this.#checks = new PoolChecks({ balancer: this.balancer, probe: this.#probe, time, onEvent });
    this.#connections = new PoolConnections({ connect, schedule: time.schedule });
    this.#settings = settings;
    this.#options = optionsOf(settings);
    this.#take(settings);
  }

  get retries(): number {
    const { retries } = this.#settings.config;
    return typeof retries === "number" ? retries : retries.count;
  }

  get health(): PoolHealth {
    return this.#checks;
  }

  connectionsOf(backend: Backend): BackendConnections {
    return this.#connections.of(backend);
  }

  /** Takes over a version of the config. */
  apply(settings: PoolSettings): void {
    const { added, removed } = this.#take(settings);
    const { onEvent } = this.#ports;
    for (const { id } of removed) onEvent({ pool: this.name, backend: id, kind: "left" });
    for (const { id } of added) onEvent({ pool: this.name, backend: id, kind: "joined" });
  }

  member(id: BackendId): Member | undefined {
    return this.#members.get(id);
  }

  /** The admin API adds a backend, or changes the weight of one that it added. */
  add(url: string, weight: number): void {
    this.#members.add(url, weight);
    this.#follow();
  }

  /** The admin API takes a backend out. */
  remove(id: BackendId): void {
    this.#members.remove(id);
    this.#follow();
  }

  /** No new exchanges for a backend, or new ones again. */
  setDraining({ id }: Backend, draining: boolean): void {
    this.balancer.setDraining(id, draining);
  }

  statusOf(backend: Backend): BackendStatus {
    const origin = this.#members.get(backend.id)?.origin ?? "config";
    return backendStatus(this.name, backend, origin, this.#checks.snapshot(backend.id), this.#ports.time.clock);
  }

  status(): PoolStatus {
    return {
      name: this.name,
      balancing: policyName(this.#settings.config.balancing),
      backends: this.balancer.backends.map((backend) => this.statusOf(backend)),
    };
  }

  /** No more checks: the pool is gone from the config, or the gateway stops. Exchanges that run are not touched. */
  stopChecks(): void {
    this.#checks.stop();
  }

  /** Breaks off whatever still runs and closes every connection. */
  destroy(): Promise<void> {
    this.#checks.stop();
    return this.#connections.destroy();
  }

  #take(settings: PoolSettings): Membership {
    const { config } = settings;
    const { balancing } = this.#settings.config;
    if (!isDeepStrictEqual(config.balancing, balancing)) this.balancer.setPolicy(policyOf(config.balancing));
    this.#settings = settings;
    const options = optionsOf(settings);
    const reconnect = JSON.stringify(options) !== JSON.stringify(this.#options);
    this.#options = options;
    this.#checks.configure(config.health === false ? null : config.health);
    this.#members.read(config.backends);
    const membership = this.#follow();
    if (reconnect) for (const backend of membership.kept) this.#connections.open(backend, options, settings.grace);
    return membership;
  }

  /** Makes the balancer's members those of the list. */
  #follow(): Membership {
    const { grace } = this.#settings;
    const membership = this.balancer.replace(this.#members.list());
    for (const backend of membership.removed) {
      this.#connections.close(backend, grace);
      this.#checks.remove(backend.id);
    }
    for (const backend of membership.added) {
      this.#connections.open(backend, this.#options, grace);
      this.#checks.add(backend.id);
    }
    return membership;
  }
}

function optionsOf({ config, limits, tls }: PoolSettings): ConnectionOptions {
  return connectionOptions(config, limits, tls);
}

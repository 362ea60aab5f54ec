import type { Backend, BackendId, Membership, RetryBudget } from "@headgate/balancer";
import { Pool } from "@headgate/balancer";
import type { ProbeResult } from "@headgate/health";
import type { ConfigSnapshot } from "../config/snapshot.ts";
import { evacuate } from "../upstream/evacuate.ts";
import type { BackendConnections, BackendTls, ConnectionOptions } from "../upstream/send-pass.ts";
import type { PoolHealth, PoolRules, UpstreamPool } from "../upstream/upstream-pool.ts";
import { backendOptions, connectionsTo } from "./backend-options.ts";
import { backendStatus } from "./backend-status.ts";
import { connectionOptions, type PoolConfig } from "./connection-options.ts";
import type { BackendStatus, PoolStatus } from "./control-plane.ts";
import type { ControlTime } from "./control-time.ts";
import { type Member, Members } from "./members.ts";
import { PoolChecks } from "./pool-checks.ts";
import { PoolConnections } from "./pool-connections.ts";
import type { PoolEventSink } from "./pool-event.ts";
import { policyName, policyOf } from "./pool-policy.ts";
import { PoolRuleBook } from "./pool-rules.ts";
import { PoolSessions } from "./pool-sessions.ts";
import type { Prober } from "./probe.ts";

export interface ManagedPoolPorts {
  readonly time: ControlTime;
  readonly probe: Prober;
  readonly connect: (id: string, url: string, options: ConnectionOptions) => BackendConnections;
  readonly onEvent: PoolEventSink;
  /** Signs the cookies of pools whose config names no secret; asked only where there is one. */
  readonly secret: () => string;
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
  readonly #ports: ManagedPoolPorts;
  readonly #members = new Members();
  readonly #checks: PoolChecks;
  readonly #connections: PoolConnections;
  readonly #sessions: PoolSessions;
  readonly #book: PoolRuleBook;
  readonly #probe = (id: BackendId, signal: AbortSignal): Promise<ProbeResult> => {
    const { config, tls } = this.#settings;
    const url = this.balancer.get(id)?.url;
    if (url === undefined || config.health === false) throw new Error(`nothing to check at ${id}`);
    return this.#ports.probe({ url, path: config.health.path, tls }, signal);
  };
  #settings: PoolSettings;

  constructor(name: string, settings: PoolSettings, ports: ManagedPoolPorts) {
    const { time, onEvent, connect, secret } = ports;
    const { config } = settings;
    this.name = name;
    this.balancer = new Pool(name, policyOf(config.balancing));
    this.#ports = ports;
    this.#checks = new PoolChecks({
      ...{ balancer: this.balancer, probe: this.#probe, time, onEvent },
      onUnreachable: (id) => this.#evacuate(id),
      onChange: () => this.#book.rules.gate?.wake(),
    });
    this.#connections = new PoolConnections({ connect, schedule: time.schedule });
    this.#sessions = new PoolSessions(name, secret);
    this.#book = new PoolRuleBook(config, this.#sessions.configure(config.sticky), this.balancer, time);
    this.#settings = settings;
    this.#take(settings);
  }

  get retries(): number {
    return this.#book.retries;
  }

  get budget(): RetryBudget {
    return this.#book.budget;
  }

  get rules(): PoolRules {
    return this.#book.rules;
  }

  get health(): PoolHealth {
    return this.#checks;
  }

  connectionsOf(backend: Backend): BackendConnections {
    return this.#connections.of(backend);
  }

  /** Takes over a version of the config. */
  apply(settings: PoolSettings): void {
    this.#book.apply(settings.config, this.#sessions.configure(settings.config.sticky));
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
    this.#settings = settings;
    this.#checks.configure(config);
    this.#members.read(config.backends);
    return this.#follow();
  }

  #evacuate(id: BackendId): void {
    const backend = this.balancer.get(id);
    if (backend !== undefined) evacuate(this.#connections.of(backend));
  }

  /** Makes the balancer's members those of the list. */
  #follow(): Membership {
    const { grace, config } = this.#settings;
    const members = this.#members.list();
    const { perBackend } = config.limits;
    const membership = this.balancer.replace(members.map((member) => backendOptions(member, perBackend)));
    for (const backend of membership.removed) {
      this.#connections.close(backend, grace);
      this.#checks.remove(backend.id);
    }
    for (const member of members) {
      const backend = this.balancer.get(member.id);
      if (backend !== undefined) this.#connections.ensure(backend, this.#connectionOptions(member), grace);
    }
    for (const { id } of membership.added) this.#checks.add(id);
    this.#sessions.replace(members.map(({ id }) => id));
    return membership;
  }

  #connectionOptions(member: Member): ConnectionOptions {
    const { config, limits, tls } = this.#settings;
    return connectionOptions(config, limits, tls, connectionsTo(member, config.limits.perBackend));
  }
}

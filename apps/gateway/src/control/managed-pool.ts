import { type Backend, type BackendId, type Membership, Pool, type RetryBudget } from "@headgate/balancer";
import { evacuate } from "../upstream/evacuate.ts";
import type { BackendConnections, ConnectionOptions } from "../upstream/send-pass.ts";
import type { PoolHealth, PoolRules, UpstreamPool, WaitingAttempt } from "../upstream/upstream-pool.ts";
import { WaitingList } from "../waiting-list.ts";
import type { BackendChecks } from "./backend-checks.ts";
import { backendOptions, connectionsTo, tlsTo } from "./backend-options.ts";
import { backendStatus } from "./backend-status.ts";
import { connectionOptions } from "./connection-options.ts";
import type { BackendStatus, PoolStatus } from "./control-plane.ts";
import { Drains } from "./drains.ts";
import type { ManagedPoolPorts, PoolSettings } from "./managed-pool-ports.ts";
import type { Member } from "./members.ts";
import { PoolChecks } from "./pool-checks.ts";
import { PoolConnections } from "./pool-connections.ts";
import { type ChangedBy, PoolMembers } from "./pool-members.ts";
import { policyOf } from "./pool-policy.ts";
import { PoolProbe } from "./pool-probe.ts";
import { PoolRuleBook } from "./pool-rules.ts";
import { PoolSessions } from "./pool-sessions.ts";
import { poolStatus } from "./pool-status.ts";

export type { ManagedPoolPorts, PoolSettings };

/**
 * One pool over all versions of its config: its balancer, checks, budget and connections stay while settings and members
 * change. A backend stays the same while host, port and scheme do.
 */
export class ManagedPool implements UpstreamPool {
  readonly name: string;
  readonly balancer: Pool;
  readonly waiting: WaitingList<WaitingAttempt> = new WaitingList();
  readonly #ports: ManagedPoolPorts;
  readonly #members: PoolMembers;
  readonly #checks: BackendChecks;
  readonly #connections: PoolConnections;
  readonly #sessions: PoolSessions;
  readonly #book: PoolRuleBook;
  readonly #probe: PoolProbe;
  readonly #drains: Drains;
  #settings: PoolSettings;
  /** Grows with each change of who belongs to it, and how. */
  membership = 0;

  constructor(name: string, settings: PoolSettings, ports: ManagedPoolPorts) {
    const { time, probe: prober, askAgent, onEvent, connect, secret, discovery } = ports;
    const { createChecks = (own) => new PoolChecks(own) } = ports;
    const { config } = settings;
    const balancer = new Pool(name, policyOf(config.balancing));
    this.name = name;
    this.balancer = balancer;
    this.#ports = ports;
    this.#members = new PoolMembers({
      ...{ pool: name, time, discovery },
      onChange: (by) => this.#tell(this.#follow(), by),
      onFirst: () => this.#checks.expect(this.#members.pending),
    });
    this.#drains = new Drains(time, (id) => this.#endDrain(id));
    this.#probe = new PoolProbe({
      ...{ balancer, prober, askAgent, tick: time.clock.tick },
      servername: (id) => this.#members.get(id)?.servername,
      onDrain: (backend, draining) => this.setDraining(backend, draining),
    });
    this.#checks = createChecks({
      ...{ balancer, probe: this.#probe.probe, time, onEvent },
      onUnreachable: (id) => this.#evacuate(id),
      onChange: () => this.rules.gate?.wake(),
    });
    this.#connections = new PoolConnections({ connect, schedule: time.schedule });
    this.#sessions = new PoolSessions(name, secret);
    this.#book = new PoolRuleBook(config, this.#sessions.configure(config.sticky), balancer, time);
    this.#settings = settings;
    this.#take(settings);
  }

  get retries(): number {
    return this.#book.retries;
  }

  get budget(): RetryBudget {
    return this.#book.budget;
  }

  /** Attempts in flight at most; null for any number. */
  get limit(): number | null {
    return this.#book.limit;
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
    this.#tell(this.#take(settings), "config");
  }

  member(id: BackendId): Member | undefined {
    return this.#members.get(id);
  }

  get members(): readonly Member[] {
    return this.#members.list();
  }

  /** From now on its members are these, as another process says. */
  follow(members: readonly Member[]): void {
    this.#members.follow(members);
    this.#follow();
  }

  /** See `PoolMembers.add`. */
  add(url: string, weight: number, lease: number | null = null): void {
    this.#members.add(url, weight, lease);
    this.#follow();
  }

  /** The admin API takes a backend out. */
  remove(id: BackendId): void {
    this.#members.remove(id);
    this.#follow();
  }

  /** For `ms` no new exchanges for a backend but those of its sessions, then none at all; or new ones again. */
  setDraining({ id }: Backend, draining: boolean, ms: number = this.#settings.config.drain): void {
    this.balancer.setDraining(id, draining);
    if (draining) this.#drains.begin(id, ms);
    else this.#drains.end(id);
    this.#keepSessions();
  }

  statusOf(backend: Backend): BackendStatus {
    const { id } = backend;
    return backendStatus(
      this.name,
      backend,
      {
        origin: this.#members.get(id)?.origin ?? "config",
        health: this.#checks.snapshot(id),
        ejection: this.#checks.ejection(id),
        drainUntil: this.#drains.until(id),
        leaseUntil: this.#members.leaseUntil(id),
      },
      this.#ports.time.clock,
    );
  }

  status(): PoolStatus {
    return poolStatus(
      this,
      this.#book,
      this.balancer.backends.map((backend) => this.statusOf(backend)),
      this.#members.sources,
      this.#ports.time.clock.tick(),
    );
  }

  /** No more checks, leases and discovery: the pool is gone, or the gateway stops. Exchanges that run are not touched. */
  stopChecks(): void {
    this.#members.stop();
    this.#checks.stop();
    this.#drains.stop();
  }

  /** Breaks off whatever still runs and closes every connection. */
  destroy(): Promise<void> {
    this.stopChecks();
    return this.#connections.destroy();
  }

  #take(settings: PoolSettings): Membership {
    const { config } = settings;
    this.#settings = settings;
    this.#probe.configure(config, settings.tls);
    this.#checks.configure(config);
    this.#members.configure(config);
    this.#checks.expect(this.#members.pending);
    return this.#follow();
  }

  #evacuate(id: BackendId): void {
    const backend = this.balancer.get(id);
    if (backend !== undefined) evacuate(this, this.#connections.of(backend));
  }

  /** Whoever is still there has had the time to go. */
  #endDrain(id: BackendId): void {
    const backend = this.balancer.get(id);
    this.#keepSessions();
    if (backend !== undefined && backend.active > 0) this.#connections.renew(backend);
  }

  #keepSessions(): void {
    const ids = this.balancer.backends.map(({ id }) => id);
    this.#sessions.replace(ids.filter((id) => !this.#drains.isOver(id)));
  }

  /** Makes the balancer's members those of the list. */
  #follow(): Membership {
    const { grace, config } = this.#settings;
    const { members } = this;
    this.membership++;
    const { perBackend } = config.limits;
    const membership = this.balancer.replace(members.map((member) => backendOptions(member, perBackend)));
    for (const backend of membership.removed) {
      this.#connections.close(backend, grace);
      this.#checks.remove(backend.id);
      this.#drains.end(backend.id);
    }
    for (const member of members) {
      const backend = this.balancer.get(member.id);
      if (backend !== undefined) this.#connections.ensure(backend, this.#connectionOptions(member), grace);
    }
    for (const { id } of membership.added) this.#checks.add(id);
    this.#keepSessions();
    return membership;
  }

  #tell({ added, removed }: Membership, by: ChangedBy): void {
    const { onEvent } = this.#ports;
    for (const { id } of removed) onEvent({ pool: this.name, backend: id, kind: "left", by });
    for (const { id } of added) onEvent({ pool: this.name, backend: id, kind: "joined", by });
  }

  #connectionOptions(member: Member): ConnectionOptions {
    const { config, limits, tls } = this.#settings;
    return connectionOptions(config, limits, tlsTo(member, tls), connectionsTo(member, config.limits.perBackend));
  }
}

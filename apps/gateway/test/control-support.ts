import type { ProbeResult } from "@headgate/health";
import { FakeScheduler } from "@headgate/testing";
import type { Clock } from "../src/clock.ts";
import { type ConfigInput, configSchema } from "../src/config/schema.ts";
import { type ConfigSnapshot, makeSnapshot } from "../src/config/snapshot.ts";
import type { DiscoveryEvent } from "../src/control/discovery/discovery-event.ts";
import type { DnsAnswer, DnsQuestion } from "../src/control/discovery/dns-answer.ts";
import type { SourceSink } from "../src/control/discovery/source.ts";
import type { ManagedPoolPorts } from "../src/control/managed-pool.ts";
import type { PoolEvent } from "../src/control/pool-event.ts";
import { PoolRegistry } from "../src/control/pool-registry.ts";
import type { ProbeTarget } from "../src/control/probe.ts";
import { BackendConnections } from "../src/upstream/send-pass.ts";

/** Wall-clock ms at the scheduler's 0. */
export const EPOCH = 1_700_000_000_000;

export function snapshot(input: ConfigInput): ConfigSnapshot {
  return makeSnapshot(configSchema.parse(input), { host: "all" });
}

/** A config with one pool of these backends and steady checks. */
export function withBackends(...backends: (string | { url: string; weight: number })[]): ConfigSnapshot {
  return snapshot({ pools: { default: { backends } } });
}

/** Connections that are never used: they tell only what became of them. */
export class FakeConnections extends BackendConnections {
  state: "open" | "closing" | "closed" | "destroyed" = "open";
  /** Whether an exchange still runs there. */
  busy = false;
  #closed: (() => void) | null = null;

  override close(): Promise<void> {
    this.state = this.busy ? "closing" : "closed";
    return this.busy ? new Promise((resolve) => (this.#closed = resolve)) : Promise.resolve();
  }

  override destroy(): Promise<void> {
    if (this.state === "destroyed") return Promise.reject(new Error("destroyed already"));
    this.state = "destroyed";
    this.#closed?.();
    return Promise.resolve();
  }

  /** The last exchange there ended. */
  idle(): void {
    this.state = "closed";
    this.#closed?.();
  }
}

/** Pools over virtual time, with backends that answer checks as a test says. */
export class Bench {
  readonly scheduler = new FakeScheduler();
  readonly clock: Clock = { now: () => EPOCH + this.scheduler.now(), tick: this.scheduler.now };
  /** By URL: a status, a reason for failure, or silence. Default 200. */
  readonly answers = new Map<string, number | string | "silent">();
  /** What agents say, by host and port. */
  readonly agents = new Map<string, string>();
  /** What good checks' bodies are, by URL. */
  readonly bodies = new Map<string, string>();
  readonly asked: ProbeTarget[] = [];
  readonly events: PoolEvent[] = [];
  readonly connections: FakeConnections[] = [];
  /** What DNS answers, by type and name; without one, that there is none. */
  readonly dns = new Map<string, DnsAnswer>();
  /** What DNS was asked. */
  readonly questions: string[] = [];
  /** Files of backends that are watched, by path. */
  readonly files = new Map<string, SourceSink>();
  readonly discovered: DiscoveryEvent[] = [];
  readonly registry: PoolRegistry;

  constructor() {
    const ports: ManagedPoolPorts = {
      time: { clock: this.clock, schedule: this.scheduler.schedule, random: () => 0.5 },
      probe: (target) => this.#probe(target),
      askAgent: (host, port) => Promise.resolve(this.agents.get(`${host}:${port}`) ?? null),
      connect: (id, url, options) => {
        const connections = new FakeConnections(id, url, options);
        this.connections.push(connections);
        return connections;
      },
      onEvent: (event) => this.events.push(event),
      secret: () => "a secret of the bench",
      discovery: {
        dnsClient: () => (question) => this.#answer(question),
        followFile: (path, sink) => {
          this.files.set(path, sink);
          return { stop: () => void this.files.delete(path) };
        },
        onEvent: (event) => this.discovered.push(event),
      },
    };
    this.registry = new PoolRegistry(ports);
  }

  /** Takes a config over and retires what left at once. */
  apply(config: ConfigSnapshot, tls: Parameters<PoolRegistry["apply"]>[1] = {}): void {
    this.registry.apply(config, tls)();
  }

  /** Runs what is due within `ms`, with the answers that come of it. */
  async pass(ms: number): Promise<void> {
    await this.scheduler.advanceAsync(ms);
    await this.scheduler.advanceAsync(0);
  }

  /** `id state[ flags]` of each backend of a pool. */
  states(pool = "default"): string[] {
    const { backends } = this.registry.get(pool).status();
    return backends.map(({ id, state, ejected, draining }) =>
      [id, state, ejected && "EJECTED", draining && "DRAINING"].filter(Boolean).join(" "),
    );
  }

  /** Whom the next exchanges of a pool go to. */
  choices(count: number, pool = "default"): string[] {
    const { balancer } = this.registry.get(pool);
    return Array.from({ length: count }, () => {
      const choice = balancer.choose({ tried: null, now: this.scheduler.now(), random: () => 0.5 });
      if (choice.kind === "none") return choice.reason;
      balancer.release(choice.backend);
      return choice.backend.id;
    });
  }

  #answer({ type, name }: DnsQuestion): Promise<DnsAnswer> {
    this.questions.push(`${type} ${name}`);
    return Promise.resolve(this.dns.get(`${type} ${name}`) ?? { kind: "empty", reason: "no such records" });
  }

  #probe(target: ProbeTarget): Promise<ProbeResult> {
    this.asked.push(target);
    const answer = this.answers.get(target.url) ?? 200;
    if (answer === "silent") return new Promise(() => undefined);
    if (typeof answer === "number") target.onBody?.(this.bodies.get(target.url) ?? "");
    const at = this.scheduler.now();
    return Promise.resolve(
      typeof answer === "number"
        ? { ok: true, status: answer, latency: 0, at }
        : { ok: false, reason: answer, latency: 0, at },
    );
  }
}

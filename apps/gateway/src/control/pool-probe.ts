import {
  type Backend,
  type BackendId,
  type LoadReport,
  type Pool,
  parseAgentLine,
  parseLoadBody,
} from "@headgate/balancer";
import type { Expectation, ProbeResult } from "@headgate/health";
import { parseStatuses } from "../config/schema/statuses.ts";
import type { BackendTls } from "../upstream/send-pass.ts";
import type { AskAgent } from "./agent.ts";
import { tlsTo } from "./backend-options.ts";
import type { PoolConfig } from "./connection-options.ts";
import { GuardedPattern } from "./guarded-pattern.ts";
import type { Prober, ProbeTarget } from "./probe.ts";

type HealthConfig = Exclude<PoolConfig["health"], false>;

export interface PoolProbePorts {
  readonly balancer: Pool;
  readonly prober: Prober;
  readonly askAgent: AskAgent;
  /** Name that a backend's certificate is checked against, where it was found by one. */
  readonly servername: (id: BackendId) => string | undefined;
  /** Monotonic ms. */
  readonly tick: () => number;
  /** An agent asks for a drain of its backend, or for its end. */
  readonly onDrain: (backend: Backend, draining: boolean) => void;
}

/** How one pool's backends are asked: the check that its config describes, and an agent beside it. */
export class PoolProbe {
  readonly #ports: PoolProbePorts;
  #target: Omit<ProbeTarget, "url" | "onBody"> | null = null;
  #health: HealthConfig | null = null;
  #readsLoad = false;
  /** Drains that agents asked for: others are not theirs to end. */
  readonly #drained = new Set<BackendId>();

  constructor(ports: PoolProbePorts) {
    this.#ports = ports;
  }

  /** Asks by `config` from now on. */
  configure({ health, balancing }: PoolConfig, tls: BackendTls): void {
    this.#health = health === false ? null : health;
    this.#target = health === false ? null : targetOf(health, tls);
    this.#readsLoad = balancing === "load-aware";
  }

  /** Asks a backend, and its agent where it has one: the one or the other may find fault. */
  readonly probe = async (id: BackendId, signal: AbortSignal): Promise<ProbeResult> => {
    const { balancer, prober, servername } = this.#ports;
    const backend = balancer.get(id);
    const health = this.#health;
    const target = this.#target;
    if (backend === undefined || health === null || target === null) throw new Error(`nothing to check at ${id}`);
    const url = checkedUrl(backend.url, health);
    const onBody = this.#readsLoad ? (body: string) => this.#report(backend, parseLoadBody(body)) : null;
    const tls = tlsTo({ servername: servername(id) }, target.tls);
    const checked = prober({ ...target, url, tls, onBody }, signal);
    if (health.agentPort === undefined) return checked;
    const [result, fault] = await Promise.all([checked, this.#consult(backend, health.agentPort, signal)]);
    if (fault === null || !result.ok) return result;
    return { ok: false, reason: fault, latency: result.latency, at: result.at };
  };

  /** Does what a backend's agent says, and gives the fault that it tells of; null for none. */
  async #consult(backend: Backend, port: number, signal: AbortSignal): Promise<string | null> {
    const host = new URL(backend.url).hostname.replace(/^\[|\]$/g, "");
    const line = await this.#ports.askAgent(host, port, signal);
    const told = line === null ? undefined : parseAgentLine(line);
    if (told === undefined) return null;
    const { weightFactor, state, reason } = told;
    if (weightFactor !== undefined) this.#report(backend, { weightFactor });
    if (state === "drain") this.#drain(backend, true);
    if (state === "up" || state === "ready") this.#drain(backend, false);
    if (state !== "down" && state !== "maint") return null;
    return reason === undefined ? `agent: ${state}` : `agent: ${state} (${reason})`;
  }

  #drain(backend: Backend, draining: boolean): void {
    if (draining === this.#drained.has(backend.id)) return;
    if (draining) this.#drained.add(backend.id);
    else this.#drained.delete(backend.id);
    this.#ports.onDrain(backend, draining);
  }

  /** What is told now goes before what was told earlier; what only another source tells stays. */
  #report(backend: Backend, report: LoadReport | undefined): void {
    const { balancer, tick } = this.#ports;
    if (report !== undefined) balancer.reportLoad(backend, { ...backend.load?.report, ...report }, tick());
  }
}

function targetOf(health: HealthConfig, tls: BackendTls): Omit<ProbeTarget, "url" | "onBody"> {
  const { type, path, host, headers } = health;
  return {
    ...{ path, tls, type: type === "tcp" ? "tcp" : "http" },
    fields: { ...headers, ...(host === undefined ? {} : { Host: host }) },
    expected: expectationOf(health),
  };
}

function expectationOf({ status, body }: HealthConfig): Expectation {
  const statuses = Array.isArray(status) ? status : [status];
  return {
    status: statuses.map((written) => parseStatuses(written) ?? [0, -1]),
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : new GuardedPattern(body.pattern) }),
  };
}

/** Where a backend is asked: at its own address, unless scheme or port are others. */
function checkedUrl(origin: string, { type, port }: HealthConfig): string {
  if (port === undefined && (type === undefined || type === "tcp")) return origin;
  const { protocol, hostname, port: own } = new URL(origin);
  const scheme = type === undefined || type === "tcp" ? protocol : `${type}:`;
  const asked = port ?? (own || (protocol === "https:" ? "443" : "80"));
  return `${scheme}//${hostname}:${asked}`;
}

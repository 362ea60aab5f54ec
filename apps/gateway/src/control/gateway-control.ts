import type { Backend, BackendId } from "@headgate/balancer";
import { nearest } from "../config/nearest.ts";
import { effectiveConfig } from "../config/print.ts";
import { parseBackendUrl } from "../config/schema/backends.ts";
import { formatDuration } from "../config/units.ts";
import { UserError } from "../errors.ts";
import type { BackendStatus, ControlPlane, NewBackend, PoolStatus, Readiness } from "./control-plane.ts";
import type { GatewayState } from "./gateway-state.ts";
import type { ManagedPool } from "./managed-pool.ts";
import { backendId } from "./members.ts";
import type { PoolRegistry } from "./pool-registry.ts";
import { planReadiness } from "./readiness.ts";

const LARGEST_WEIGHT = 1000;

/** A shorter lease would be lost to a hiccup, ms. */
const SHORTEST_LEASE = 1000;
/** A longer one is hardly a sign of life, ms. */
const LONGEST_LEASE = 3_600_000;

/** The control plane over the pools and the state of one running gateway. */
export class GatewayControl implements ControlPlane {
  readonly #registry: PoolRegistry;
  readonly #state: GatewayState;

  constructor(registry: PoolRegistry, state: GatewayState) {
    this.#registry = registry;
    this.#state = state;
  }

  pools(): readonly PoolStatus[] {
    return this.#registry.pools.map((pool) => pool.status());
  }

  addBackend(name: string, { url, weight = 1, lease }: NewBackend): BackendStatus {
    const pool = this.#pool(name);
    const origin = readOrigin(url);
    checkWeight(weight);
    checkLease(lease);
    const id = backendId(origin);
    const known = pool.member(id);
    if (known?.origin === "config") {
      throw new UserError(`${id} is in the pool ${name} already, by the config file. Change its weight there.`);
    }
    if (known !== undefined && known.url !== origin) {
      throw new UserError(`${id} is in the pool ${name} already, as ${known.url}. Remove it first.`);
    }
    pool.add(origin, weight, lease ?? null);
    return pool.statusOf(backendOf(pool, id));
  }

  removeBackend(name: string, id: string): void {
    const pool = this.#pool(name);
    pool.remove(backendOf(pool, id).id);
  }

  drainBackend(name: string, id: string, ms?: number): BackendStatus {
    return this.#setDraining(name, id, true, ms);
  }

  enableBackend(name: string, id: string): BackendStatus {
    return this.#setDraining(name, id, false);
  }

  readiness(): Readiness {
    const pools = this.#registry.pools.map(({ name, balancer, health }) => ({
      name,
      usable: balancer.usable,
      settled: health.settled,
    }));
    return planReadiness(this.#state.phase, pools);
  }

  effectiveConfig(): unknown {
    return effectiveConfig(this.#state.config);
  }

  reloadError(): string | null {
    return this.#state.reloadError;
  }

  #setDraining(name: string, id: string, draining: boolean, ms?: number): BackendStatus {
    const pool = this.#pool(name);
    const backend = backendOf(pool, id);
    pool.setDraining(backend, draining, ms);
    return pool.statusOf(backend);
  }

  #pool(name: string): ManagedPool {
    const pool = this.#registry.find(name);
    if (pool !== undefined) return pool;
    const names = this.#registry.pools.map((each) => each.name);
    throw new UserError(`There is no pool ${JSON.stringify(name)}${suggestion(name, names)}`);
  }
}

function backendOf({ name, balancer }: ManagedPool, id: string): Backend {
  const backend = balancer.get(id as BackendId);
  if (backend !== undefined) return backend;
  const ids = balancer.backends.map((each) => each.id);
  throw new UserError(`There is no backend ${JSON.stringify(id)} in the pool ${name}${suggestion(id, ids)}`);
}

function suggestion(written: string, known: readonly string[]): string {
  const meant = nearest(written, known);
  if (meant !== undefined) return `: did you mean ${meant}?`;
  return known.length === 0 ? "; it has none." : `; there is ${known.join(", ")}.`;
}

function readOrigin(url: string): string {
  const parsed = parseBackendUrl(url);
  if (parsed.ok) return parsed.origin;
  const hint = parsed.hint === undefined ? "" : ` (${parsed.hint})`;
  throw new UserError(
    `${JSON.stringify(url)} is no backend: expected one such as http://127.0.0.1:8000 (http or https, host and optional port, nothing after it)${hint}.`,
  );
}

function checkWeight(weight: number): void {
  if (Number.isInteger(weight) && weight >= 1 && weight <= LARGEST_WEIGHT) return;
  throw new UserError(`The weight ${weight} is not possible: expected a whole number from 1 to ${LARGEST_WEIGHT}.`);
}

function checkLease(lease: number | undefined): void {
  if (lease === undefined || (lease >= SHORTEST_LEASE && lease <= LONGEST_LEASE)) return;
  const bounds = `${formatDuration(SHORTEST_LEASE)} to ${formatDuration(LONGEST_LEASE)}`;
  throw new UserError(`A lease of ${formatDuration(lease)} is not possible: expected ${bounds}.`);
}

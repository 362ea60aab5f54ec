import type { Backend, BackendId } from "@headgate/balancer";
import type { ManagedPool } from "../control/managed-pool.ts";
import { type BackendState, backendState, isAsKnown, type PoolState } from "./pool-state.ts";
import { shareMember } from "./share-config.ts";

/** What was told of a pool last. */
interface Told {
  readonly membership: number;
  readonly settled: boolean;
  readonly gathering: boolean;
  readonly backends: ReadonlyMap<Backend, BackendState>;
}

/** Tells how the pools of the control plane stand, and what has changed since it was asked last. */
export class PoolFeed {
  readonly #pools: () => readonly ManagedPool[];
  readonly #workers: number;
  readonly #told = new WeakMap<ManagedPool, Told>();

  /** @param workers how many share the backends' bounds */
  constructor(pools: () => readonly ManagedPool[], workers: number) {
    this.#pools = pools;
    this.#workers = workers;
  }

  /** All pools, whole. */
  whole(): PoolState[] {
    return this.#pools().map((pool) => this.#state(pool, undefined, look(pool, undefined)));
  }

  /** How one backend stands; null where it is none of the pool's. */
  one(pool: ManagedPool, id: BackendId): PoolState | null {
    const backend = pool.balancer.get(id);
    if (backend === undefined) return null;
    const { settled, gathering } = pool.health;
    return { name: pool.name, settled, gathering, members: null, backends: [backendState(pool, backend)] };
  }

  /** What has changed since the last call. */
  changes(): PoolState[] {
    const changed: PoolState[] = [];
    for (const pool of this.#pools()) {
      const before = this.#told.get(pool);
      const now = look(pool, before);
      this.#told.set(pool, now);
      const state = this.#state(pool, before, now);
      if (before === undefined || isNews(state, before)) changed.push(state);
    }
    return changed;
  }

  #state(pool: ManagedPool, before: Told | undefined, { membership, settled, gathering, backends }: Told): PoolState {
    const moved = membership !== before?.membership;
    const members = moved ? pool.members.map((member) => shareMember(member, this.#workers)) : null;
    const news = [...backends].filter(([backend, state]) => before?.backends.get(backend) !== state);
    return { name: pool.name, settled, gathering, members, backends: news.map(([, state]) => state) };
  }
}

function isNews({ members, backends, settled, gathering }: PoolState, before: Told): boolean {
  return members !== null || backends.length > 0 || settled !== before.settled || gathering !== before.gathering;
}

function look(pool: ManagedPool, before: Told | undefined): Told {
  const { settled, gathering } = pool.health;
  return {
    ...{ membership: pool.membership, settled, gathering },
    backends: new Map(pool.balancer.backends.map((backend) => [backend, lookAt(pool, backend, before)])),
  };
}

/** The very state of before where nothing has changed. */
function lookAt(pool: ManagedPool, backend: Backend, before: Told | undefined): BackendState {
  const known = before?.backends.get(backend);
  const drainUntil = backend.draining ? pool.statusOf(backend).drainUntil : null;
  return known !== undefined && isAsKnown(backend, known, drainUntil) ? known : backendState(pool, backend);
}

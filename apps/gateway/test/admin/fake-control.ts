import type {
  BackendStatus,
  ControlPlane,
  NewBackend,
  PoolStatus,
  Readiness,
} from "../../src/control/control-plane.ts";
import { UserError } from "../../src/errors.ts";

/** A healthy backend of the default pool on a port, with what a test changes. */
export function aBackend(port: number, changes: Partial<BackendStatus> = {}): BackendStatus {
  return {
    id: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}`,
    pool: "default",
    state: "HEALTHY",
    draining: false,
    drainUntil: null,
    ejected: false,
    ejection: null,
    failures: 0,
    lastHealthy: Date.UTC(2026, 0, 2, 12, 34, 56),
    active: 0,
    weight: 1,
    effectiveWeight: 1,
    latency: null,
    priority: 0,
    zone: null,
    load: null,
    origin: "config",
    leaseUntil: null,
    probes: [{ ok: true, status: 200, latency: 2, at: Date.UTC(2026, 0, 2, 12, 34, 56) }],
    ...changes,
  };
}

/** A pool of these backends, with what a test changes. */
export function aPool(name: string, backends: readonly BackendStatus[], changes: Partial<PoolStatus> = {}): PoolStatus {
  const quiet = {
    parameters: {},
    sticky: null,
    subset: null,
    budgetLeft: 100,
    active: 0,
    limit: null,
    waiting: 0,
    breaker: null,
    panic: false,
    discovery: [],
  };
  return { name, balancing: "round-robin", ...quiet, backends, ...changes };
}

/** A control plane in memory. */
export class FakeControl implements ControlPlane {
  members: Map<string, BackendStatus[]>;
  ready: Readiness = { ready: true, reasons: [] };
  failedReload: string | null = null;
  config: unknown = { workers: 1 };

  constructor(...backends: BackendStatus[]) {
    this.members = Map.groupBy(backends, ({ pool }) => pool);
  }

  pools(): PoolStatus[] {
    return Array.from(this.members, ([name, backends]) => aPool(name, backends));
  }

  addBackend(pool: string, { url, weight = 1, lease }: NewBackend): BackendStatus {
    if (!URL.canParse(url)) throw new UserError(`${url} is not a URL.`);
    const added = aBackend(Number(new URL(url).port), {
      pool,
      weight,
      origin: "admin",
      state: "NOT_INITIATED",
      lastHealthy: null,
      leaseUntil: lease === undefined ? null : Date.UTC(2026, 0, 2) + lease,
    });
    this.members.get(pool)?.push(added);
    return added;
  }

  removeBackend(pool: string, id: string): void {
    this.members.set(
      pool,
      (this.members.get(pool) ?? []).filter((backend) => backend.id !== id),
    );
  }

  drainBackend(pool: string, id: string, ms = 300_000): BackendStatus {
    return this.change(pool, id, { draining: true, drainUntil: Date.UTC(2026, 0, 2) + ms });
  }

  enableBackend(pool: string, id: string): BackendStatus {
    return this.change(pool, id, { draining: false });
  }

  readiness(): Readiness {
    return this.ready;
  }

  effectiveConfig(): unknown {
    return this.config;
  }

  reloadError(): string | null {
    return this.failedReload;
  }

  /** Changes a backend as health checks or traffic would. */
  change(pool: string, id: string, changes: Partial<BackendStatus>): BackendStatus {
    const backends = this.members.get(pool) ?? [];
    const changed = backends.map((backend) => (backend.id === id ? { ...backend, ...changes } : backend));
    this.members.set(pool, changed);
    return changed.find((backend) => backend.id === id) ?? aBackend(1);
  }
}

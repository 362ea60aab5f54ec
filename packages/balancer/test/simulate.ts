import { seededRandom } from "@headgate/testing";
import type { Backend } from "../src/backend.ts";
import type { ChooseContext } from "../src/policy.ts";
import type { Pool } from "../src/pool.ts";
import { backendOf } from "./helpers.ts";

export interface Load {
  /** Arrivals per second, Poisson. */
  readonly rate: number;
  /** How many arrive. */
  readonly count: number;
  /** Mean service time, ms, exponential. */
  readonly service: (backend: Backend) => number;
  readonly failed?: (backend: Backend) => boolean;
  readonly more?: (index: number) => Partial<ChooseContext>;
  readonly seed?: number;
}

export interface Seen {
  /** Sorted, ms. */
  readonly latencies: readonly number[];
  readonly perBackend: ReadonlyMap<string, number>;
  /** The most that one backend had in flight. */
  readonly mostActive: number;
}

interface Ending {
  readonly at: number;
  readonly backend: Backend;
  readonly latency: number;
}

/** Open arrivals over a pool in virtual time: backends serve any number side by side, each at its own speed. */
export function simulate(pool: Pool, { rate, count, service, failed, more, seed = 1 }: Load): Seen {
  const random = seededRandom(seed);
  const running: Ending[] = [];
  const latencies: number[] = [];
  const perBackend = new Map<string, number>();
  let now = 0;
  let mostActive = 0;
  const finish = (until: number): void => {
    for (let next = running[0]; next !== undefined && next.at <= until; next = running[0]) {
      running.shift();
      pool.release(next.backend, { latency: next.latency, failed: failed?.(next.backend) ?? false, now: next.at });
    }
  };
  for (let index = 0; index < count; index++) {
    now += (-Math.log(1 - random()) * 1000) / rate;
    finish(now);
    const backend = backendOf(pool.choose({ tried: null, now, random, ...more?.(index) }));
    const latency = -Math.log(1 - random()) * service(backend);
    const place = running.findIndex(({ at }) => at > now + latency);
    running.splice(place < 0 ? running.length : place, 0, { at: now + latency, backend, latency });
    latencies.push(latency);
    perBackend.set(backend.id, (perBackend.get(backend.id) ?? 0) + 1);
    mostActive = Math.max(mostActive, backend.active);
  }
  finish(Number.POSITIVE_INFINITY);
  return { latencies: latencies.sort((a, b) => a - b), perBackend, mostActive };
}

export function percentile({ latencies }: Seen, share: number): number {
  return latencies[Math.ceil(share * latencies.length) - 1] ?? Number.NaN;
}

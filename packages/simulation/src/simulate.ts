import type { PolicySpec } from "@headgate/balancer";
import { type Arrival, arrive } from "./arrivals.ts";
import { draws } from "./draws.ts";
import { Exchange } from "./exchange.ts";
import { keyDraw } from "./keys.ts";
import type { Scenario } from "./scenario.ts";
import { drawServiceTime } from "./service-time.ts";
import { type Outcome, Tally, type Watch } from "./tally.ts";
import { Upstream } from "./upstream.ts";
import { VirtualTime } from "./virtual-time.ts";

export interface SimulationPorts {
  /** Resolves when all promises that are settled have run their reactions, as after `setImmediate`. */
  readonly react: () => Promise<void>;
  readonly watch?: Watch;
}

/**
 * Runs a load through one policy and the gateway's own pool, health and retry code, in virtual time. The load begins when
 * the first health checks are in, and the run ends with its last exchange. Every policy meets the same arrivals, keys and
 * work; the same seed gives the same outcome.
 */
export async function simulate(scenario: Scenario, policy: PolicySpec, ports: SimulationPorts): Promise<Outcome> {
  const time = new VirtualTime(ports.react);
  const tally = new Tally(ports.watch);
  const upstream = new Upstream(scenario, policy, time, tally);
  time.promised();
  await time.runUntil(() => upstream.health.settled);
  upstream.beginFaults();
  await runLoad(scenario, upstream);
  upstream.health.stop();
  return tally.outcome(upstream.pool.backends);
}

async function runLoad({ arrivals, service, keys, seed }: Scenario, upstream: Upstream): Promise<void> {
  const { time } = upstream;
  const start = time.now();
  const coming = arrive(arrivals, draws(seed, "arrivals"))[Symbol.iterator]();
  const drawKey = keyDraw(keys, draws(seed, "keys"));
  let running = 0;
  let isOver = false;
  let ordinal = 0;
  const begin = (arrival: Arrival): void => {
    const nth = ordinal++;
    running++;
    const { method = "GET", key = drawKey(), work } = arrival;
    const load = {
      ...{ method, key },
      work: (attempt: number) => work ?? drawServiceTime(service, draws(seed, "work", nth, attempt)),
    };
    new Exchange(upstream, load, () => running--).start();
  };
  const next = (): void => {
    const step = coming.next();
    if (step.done === true) {
      isOver = true;
      return;
    }
    time.schedule(
      () => {
        begin(step.value);
        next();
      },
      start + step.value.at - time.now(),
    );
  };
  next();
  await time.runUntil(() => isOver && running === 0);
}

import {
  type AttemptOutcome,
  type BackendId,
  type ChooseContext,
  createPolicy,
  LatencyQuantile,
  type PolicySpec,
  Pool,
  RetryBudget,
} from "@headgate/balancer";
import type { Attempt } from "./attempt.ts";
import { draws, type Random } from "./draws.ts";
import { Gate } from "./gate.ts";
import { Health } from "./health.ts";
import type { PoolSettings, Scenario } from "./scenario.ts";
import { type Ending, Server } from "./server.ts";
import type { Tally } from "./tally.ts";
import type { VirtualTime } from "./virtual-time.ts";

/**
 * The gateway's own pool, health, budget, queue and breaker, put together as the gateway does, before backends that are not
 * there.
 */
export class Upstream {
  readonly time: VirtualTime;
  readonly tally: Tally;
  readonly settings: PoolSettings;
  readonly pool: Pool;
  readonly budget: RetryBudget;
  /** What hedging goes by; null where there is none. */
  readonly latencies: LatencyQuantile | null;
  readonly gate: Gate;
  readonly health: Health;
  readonly retryRandom: Random;
  readonly #policyRandom: Random;
  readonly #servers = new Map<BackendId, Server>();
  readonly #waiting = new Map<BackendId, Set<Attempt>>();

  constructor({ pool: settings, backends, seed }: Scenario, policy: PolicySpec, time: VirtualTime, tally: Tally) {
    const { options, limit, retries, hedging } = settings;
    this.time = time;
    this.tally = tally;
    this.settings = settings;
    this.pool = new Pool("simulated", createPolicy(policy), limit === null ? options : { ...options, limit: limit() });
    this.budget = new RetryBudget(retries.budget);
    this.latencies = hedging ? new LatencyQuantile() : null;
    this.gate = new Gate(settings, this.pool, time);
    this.retryRandom = draws(seed, "retries");
    this.#policyRandom = draws(seed, "policy");
    backends.forEach((backend, index) => {
      this.pool.add(backend);
      this.#servers.set(backend.id, new Server(backend, time, draws(seed, "faults", index)));
      this.#waiting.set(backend.id, new Set());
    });
    this.health = new Health({
      ...{ settings, pool: this.pool, time, random: draws(seed, "checks"), tally },
      probe: (id, signal) => this.#server(id).probe(signal),
      onUnreachable: (id) => this.#evacuate(id),
      onChange: () => this.gate.wake(),
    });
  }

  /** The faults' times count from now on. */
  beginFaults(): void {
    for (const server of this.#servers.values()) server.begin();
  }

  context(tried: readonly BackendId[] | null, hashKey: string): ChooseContext {
    return { tried, now: this.time.now(), random: this.#policyRandom, hashKey };
  }

  /** An attempt goes to its backend. */
  begin(attempt: Attempt, work: number, end: (ending: Ending) => void): void {
    const { backend } = attempt;
    this.tally.attempt(backend, this.time.now());
    this.#waiting.get(backend.id)?.add(attempt);
    const server = this.#server(backend.id);
    server.submit(work, (ending) => {
      const { utilization } = server;
      if (utilization !== undefined) this.pool.reportLoad(backend, { utilization }, this.time.now());
      end(ending);
    });
  }

  /** It is over for the gateway. */
  end(attempt: Attempt, era: number, outcome: AttemptOutcome): void {
    const { backend } = attempt;
    this.#waiting.get(backend.id)?.delete(attempt);
    this.pool.release(backend, outcome);
    this.gate.leave(era, outcome.failed);
  }

  #evacuate(id: BackendId): void {
    for (const attempt of [...(this.#waiting.get(id) ?? [])]) attempt.evacuate();
  }

  #server(id: BackendId): Server {
    const server = this.#servers.get(id);
    if (server === undefined) throw new Error(`${id} is no backend of the scenario.`);
    return server;
  }
}

import { Backend, type BackendId, type BackendOptions } from "./backend.ts";
import { type Choice, type ChosenReason, chosen, none } from "./choice.ts";
import { type BackendReport, explainBackends } from "./explain.ts";
import { buildLevels, type LevelOptions, type Levels } from "./levels.ts";
import { addReport, type LoadReport } from "./load/load-report.ts";
import type { ConcurrencyLimit } from "./overload/concurrency-limit.ts";
import type { AttemptOutcome, ChooseContext, Policy } from "./policy.ts";
import { type Preview, previewChoice } from "./preview.ts";
import { Ramps } from "./ramps.ts";
import { Selector } from "./selector.ts";
import type { SlowStart } from "./slow-start.ts";
import { planSticky } from "./sticky.ts";

export interface PoolOptions extends LevelOptions {
  /** How backends that join or return ramp up. Default not at all. */
  readonly slowStart?: SlowStart;
  /** Attempts in flight beyond which the pool chooses none, fixed or adaptive. Default unlimited. */
  readonly limit?: ConcurrencyLimit;
}

/** What `replace` did. */
export interface Membership {
  readonly added: readonly Backend[];
  readonly kept: readonly Backend[];
  readonly removed: readonly Backend[];
}

/**
 * A named set of backends with one policy. What a choice looks at is built again only when membership, weight or a
 * flag changes; a choice costs what the policy's pick costs.
 */
export class Pool {
  readonly name: string;
  /** Attempts in flight over all backends. */
  active = 0;
  #options: PoolOptions;
  readonly #byId = new Map<BackendId, Backend>();
  readonly #ramps = new Ramps();
  #selector: Selector;
  #backends: readonly Backend[] = [];
  #built: Levels | null = null;

  constructor(name: string, policy: Policy, options: PoolOptions = {}) {
    this.name = name;
    this.#selector = new Selector(policy);
    this.#options = options;
    this.#ramps.options = options.slowStart;
  }

  /** In the order they were added. */
  get backends(): readonly Backend[] {
    return this.#backends;
  }

  /** Whether a backend could be chosen now, limits apart. */
  get usable(): boolean {
    return this.#levels().levels.length > 0;
  }

  /** Whether too few backends are usable, so that all are used. */
  get panic(): boolean {
    return this.#levels().panic;
  }

  get(id: BackendId): Backend | undefined {
    return this.#byId.get(id);
  }

  /** Adds a backend, pending its first check. A known id with the same URL keeps its Backend and takes the options over. */
  add(options: BackendOptions): Backend {
    const known = this.#byId.get(options.id);
    if (known?.url === options.url) {
      known.configure(options);
      this.#built = null;
      return known;
    }
    const backend = new Backend(options);
    backend.newcomer = this.#backends.some(({ available }) => available);
    this.#byId.set(options.id, backend);
    this.#membersChanged();
    return backend;
  }

  /** Takes a backend out at once; attempts in flight there are still released to it. */
  remove(id: BackendId): Backend | undefined {
    const backend = this.#byId.get(id);
    if (backend === undefined) return undefined;
    this.#byId.delete(id);
    this.#ramps.delete(backend);
    this.#membersChanged();
    return backend;
  }

  /** Makes the members those of `list`; counts, flags and latency of those that stay survive. */
  replace(list: readonly BackendOptions[]): Membership {
    const before = new Set(this.#backends);
    const wanted = new Set(list.map(({ id }) => id));
    for (const { id } of before) if (!wanted.has(id)) this.remove(id);
    for (const options of list) this.add(options);
    return {
      added: this.#backends.filter((backend) => !before.has(backend)),
      kept: this.#backends.filter((backend) => before.has(backend)),
      removed: [...before].filter((backend) => this.#byId.get(backend.id) !== backend),
    };
  }

  /** Swaps the policy. */
  setPolicy(policy: Policy): void {
    this.#selector = new Selector(policy);
  }

  /** Swaps the options; ramps under way go on as they began. */
  setOptions(options: PoolOptions): void {
    this.#options = options;
    this.#ramps.options = options.slowStart;
    this.#built = null;
  }

  /** What health says; the first word ends `pending`. */
  setAvailable(id: BackendId, available: boolean): void {
    this.#change(id, (backend) => {
      if (available && !backend.available && (!backend.pending || backend.newcomer)) this.#ramps.add(backend);
      backend.available = available;
      backend.pending = false;
    });
  }

  /** Puts a backend aside, or takes it back. */
  setEjected(id: BackendId, ejected: boolean): void {
    this.#change(id, (backend) => {
      if (backend.ejected && !ejected) this.#ramps.add(backend);
      backend.ejected = ejected;
    });
  }

  /** Takes no new exchanges but sticky ones from here on, or takes them again. */
  setDraining(id: BackendId, draining: boolean): void {
    this.#change(id, (backend) => {
      backend.draining = draining;
    });
  }

  /** What `backend` said of its load at `now`, ms. */
  reportLoad(backend: Backend, report: LoadReport, now: number): void {
    backend.load = addReport(backend.load, report, now);
  }

  /** Chooses a backend and counts the attempt in flight there until `release`. */
  choose(context: ChooseContext): Choice {
    if (this.#ramps.update(context.now)) this.#built = null;
    const choice = this.#decide(context, this.#selector);
    if (choice.kind === "chosen") {
      choice.backend.active++;
      this.active++;
    }
    return choice;
  }

  /** The attempt at `backend` ended. Without an outcome (the client left) nothing is learnt from it. */
  release(backend: Backend, outcome: AttemptOutcome | null = null): void {
    if (outcome !== null) {
      const { latency, now, failed, overloaded: dropped = failed } = outcome;
      this.#options.limit?.sample?.({ latency, active: this.active, dropped, now });
    }
    backend.active--;
    this.active--;
    this.#selector.released(backend, outcome);
  }

  /** What `choose` would give now. Changes nothing: no turn is taken, nothing is counted. */
  preview(context: Omit<ChooseContext, "random">): Preview {
    const trial = this.#selector.copy();
    return previewChoice((random) => this.#decide({ ...context, random }, trial));
  }

  /** Each backend with whether this exchange could go there and why not. Changes nothing. */
  explain(context: Omit<ChooseContext, "random">): readonly BackendReport[] {
    return explainBackends(this.#backends, this.#levels(), context);
  }

  #decide(context: ChooseContext, selector: Selector): Choice {
    const { pinned } = context;
    if (pinned === undefined) return this.#select(context, "policy", selector);
    const plan = planSticky(this.#byId.get(pinned), context.tried);
    if (plan.kind !== "keep") return this.#select(context, plan.kind === "overflow" ? "overflow" : "policy", selector);
    return this.#atLimit ? none("limits") : chosen(plan.backend, "sticky");
  }

  #select(context: ChooseContext, reason: ChosenReason, selector: Selector): Choice {
    const levels = this.#levels();
    if (this.#atLimit && levels.levels.length > 0) return none("limits");
    return selector.select(levels, context, this.active, levels.panic ? "panic" : reason);
  }

  get #atLimit(): boolean {
    const { limit } = this.#options;
    return limit !== undefined && this.active >= limit.limit;
  }

  #levels(): Levels {
    this.#built ??= buildLevels(this.#backends, this.#options);
    return this.#built;
  }

  #change(id: BackendId, apply: (backend: Backend) => void): void {
    const backend = this.#byId.get(id);
    if (backend === undefined) return;
    const { usable, pending, draining } = backend;
    apply(backend);
    if (backend.usable !== usable || backend.pending !== pending || backend.draining !== draining) this.#built = null;
  }

  #membersChanged(): void {
    this.#backends = [...this.#byId.values()];
    this.#built = null;
  }
}

import type { Backend } from "./backend.ts";
import { type Choice, type ChosenReason, chosen, none } from "./choice.ts";
import type { Level, Levels } from "./levels.ts";
import type { AttemptOutcome, ChooseContext, Policy } from "./policy.ts";

/** One policy applied to a pool's levels, with its own state on each. */
export class Selector {
  /** What each level's own is copied from; it never picks. */
  readonly #policy: Policy;
  readonly #byLevel = new Map<string, Policy>();

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /**
   * The policy's pick of the level that serves, else of the next level with an untried one, else of those tried.
   * `reason` is told when nothing forces another.
   */
  select(built: Levels, context: ChooseContext, active: number, reason: ChosenReason): Choice {
    const { levels } = built;
    const level = drawLevel(levels, context);
    if (level === undefined) return built.none;
    const backend = this.#pick(level, context, active);
    if (backend !== undefined) return chosen(backend, level === levels[0] ? reason : "spill-over");
    return this.#fallBack(levels, context, active);
  }

  /** Another whose levels have the same turns to come, for a choice that is not to count. */
  copy(): Selector {
    const copy = new Selector(this.#policy);
    for (const [level, policy] of this.#byLevel) copy.#byLevel.set(level, policy.copy());
    return copy;
  }

  released(backend: Backend, outcome: AttemptOutcome | null): void {
    for (const policy of this.#byLevel.values()) policy.released?.(backend, outcome);
  }

  #fallBack(levels: readonly Level[], context: ChooseContext, active: number): Choice {
    for (const level of levels) {
      const backend = this.#pick(level, context, active);
      if (backend !== undefined) return chosen(backend, "spill-over");
    }
    if (context.tried === null) return none("limits");
    const anew = { ...context, tried: null };
    for (const level of levels) {
      const backend = this.#pick(level, anew, active);
      if (backend !== undefined) return chosen(backend, "again");
    }
    return none("limits");
  }

  #pick(level: Level, context: ChooseContext, active: number): Backend | undefined {
    let policy = this.#byLevel.get(level.key);
    if (policy === undefined) {
      policy = this.#policy.copy();
      this.#byLevel.set(level.key, policy);
    }
    return policy.pick(level.candidates, context, active);
  }
}

function drawLevel(levels: readonly Level[], { random }: ChooseContext): Level | undefined {
  const first = levels[0];
  if (first === undefined || first.share >= 1 || levels.length === 1) return first;
  let point = random();
  for (const level of levels) {
    point -= level.share;
    if (point < 0) return level;
  }
  return first;
}

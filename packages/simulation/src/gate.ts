import {
  type Backend,
  type Choice,
  type ChooseContext,
  CircuitBreaker,
  type Pool,
  WaitQueue,
} from "@headgate/balancer";
import type { PoolSettings } from "./scenario.ts";
import type { VirtualTime } from "./virtual-time.ts";

export type Passed =
  | { readonly kind: "passed"; readonly backend: Backend; readonly era: number }
  | { readonly kind: "none"; readonly why: string };

/** The breaker and the queue before a pool, used as the gateway's gate does. */
export class Gate {
  readonly #pool: Pool;
  readonly #time: VirtualTime;
  readonly #queue: WaitQueue<Choice>;
  readonly #breaker: CircuitBreaker | null;

  constructor({ breaker, queue }: PoolSettings, pool: Pool, time: VirtualTime) {
    this.#pool = pool;
    this.#time = time;
    this.#queue = new WaitQueue<Choice>({ ...queue, schedule: time.schedulePromised });
    this.#breaker = breaker === null ? null : new CircuitBreaker(breaker);
  }

  /** How many wait for room. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Chooses a backend for one attempt, at once or when there is room. `deadline` shortens the wait. */
  pass(context: ChooseContext, deadline: number | undefined, then: (passed: Passed) => void): void {
    const admission = this.#breaker?.admit(context.now) ?? { kind: "admit", era: 0 };
    if (admission.kind === "refuse") {
      then({ kind: "none", why: "circuit-open" });
      return;
    }
    const settle = (choice: Choice): void => {
      if (choice.kind === "chosen") then({ kind: "passed", backend: choice.backend, era: admission.era });
      else this.#turnAway(choice.reason, admission.era, then);
    };
    const choice = this.waiting > 0 ? FULL : this.#pool.choose(context);
    if (choice !== FULL && !isFull(choice)) {
      settle(choice);
      return;
    }
    void this.#enter(context, deadline).then((result) => {
      if (result.kind === "ready") settle(result.value);
      else this.#turnAway(result.reason, admission.era, then);
    });
  }

  /** An admitted attempt ended. */
  leave(era: number, failed: boolean): void {
    if (failed) this.#breaker?.failed(era, this.#time.now());
    else this.#breaker?.succeeded(era, this.#time.now());
    this.wake();
  }

  /** There may be room. */
  wake(): void {
    if (this.waiting === 0) return;
    this.#time.promised();
    this.#queue.wake();
  }

  #enter(context: ChooseContext, deadline: number | undefined) {
    this.#time.promised();
    const attempt = (): Choice | undefined => {
      const choice = this.#pool.choose({ ...context, now: this.#time.now() });
      return isFull(choice) ? undefined : choice;
    };
    const left = deadline === undefined ? undefined : Math.max(0, deadline - this.#time.now());
    return this.#queue.enter(attempt, undefined, left);
  }

  #turnAway(why: string, era: number, then: (passed: Passed) => void): void {
    this.#breaker?.abandoned(era);
    this.wake();
    then({ kind: "none", why });
  }
}

const FULL: Choice = { kind: "none", reason: "limits" };

function isFull(choice: Choice): boolean {
  return choice.kind === "none" && choice.reason === "limits";
}

import type { Backend } from "./backend.ts";
import { type SlowStart, startRamp } from "./slow-start.ts";

/** The ramps of one pool: started at the first choice after a return, ended when the last is over. */
export class Ramps {
  /** How ramps that begin from now on rise; undefined for none. */
  options: SlowStart | undefined = undefined;
  readonly #waiting = new Set<Backend>();
  readonly #rising = new Set<Backend>();
  #end = Number.POSITIVE_INFINITY;

  /** `backend` joined or returned. */
  add(backend: Backend): void {
    if (this.options !== undefined) this.#waiting.add(backend);
  }

  delete(backend: Backend): void {
    this.#waiting.delete(backend);
    this.#rising.delete(backend);
  }

  /** Starts and ends what is due; whether weights changed in kind. */
  update(now: number): boolean {
    if (this.#waiting.size === 0 && now < this.#end) return false;
    if (now >= this.#end) this.#finish();
    if (this.options !== undefined && this.#waiting.size > 0) this.#start(this.options, now);
    return true;
  }

  #start(options: SlowStart, now: number): void {
    for (const backend of this.#waiting) {
      backend.ramp = startRamp(options, now);
      this.#rising.add(backend);
    }
    this.#waiting.clear();
    this.#end = now + options.window;
  }

  #finish(): void {
    for (const backend of this.#rising) backend.ramp = null;
    this.#rising.clear();
    this.#end = Number.POSITIVE_INFINITY;
  }
}

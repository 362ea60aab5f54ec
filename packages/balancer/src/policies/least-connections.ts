import { type Backend, isOpen } from "../backend.ts";
import type { ChooseContext, Policy } from "../policy.ts";
import { weightAt } from "../weight.ts";
import { Heap } from "./heap.ts";

interface Entry {
  readonly backend: Backend;
  /** Attempts in flight over weight when it was last looked at; infinite while it cannot be chosen. */
  load: number;
  /** When it was last chosen, in choices. */
  chosen: number;
  place: number;
}

/**
 * The fewest attempts in flight for its weight; among equals the one not chosen for longest, so that an idle pool is
 * round robin. A heap whose entries are corrected when they come up or are released: O(log n).
 * Source: nginx `least_conn`, HAProxy `leastconn`.
 */
export class LeastConnections implements Policy {
  #candidates: readonly Backend[] = [];
  #entries = new Map<Backend, Entry>();
  #heap = new Heap<Entry>([], before);
  /** Of the pick under way: those that its exchange has tried. */
  readonly #passed: Entry[] = [];
  #choices = 0;

  pick(candidates: readonly Backend[], context: ChooseContext): Backend | undefined {
    if (candidates !== this.#candidates) this.#adopt(candidates, context.now);
    const entry = this.#least(context);
    for (const other of this.#passed) this.#weigh(other, loadOf(other.backend, context.now));
    this.#passed.length = 0;
    if (entry === undefined) return undefined;
    entry.chosen = ++this.#choices;
    this.#weigh(entry, (entry.backend.active + 1) / weightAt(entry.backend, context.now));
    return entry.backend;
  }

  released(backend: Backend): void {
    const entry = this.#entries.get(backend);
    if (entry !== undefined) this.#weigh(entry, backend.active / backend.weight);
  }

  copy(): Policy {
    const copy = new LeastConnections();
    copy.#candidates = this.#candidates;
    copy.#choices = this.#choices;
    copy.#heap = this.#heap.copy((entry) => {
      const own = { ...entry };
      copy.#entries.set(entry.backend, own);
      return own;
    });
    return copy;
  }

  /** The least that is open. Full ones sink until they are released, tried ones until the pick is over. */
  #least({ tried, now }: ChooseContext): Entry | undefined {
    for (;;) {
      const entry = this.#heap.least;
      if (entry === undefined || entry.load === Number.POSITIVE_INFINITY) return undefined;
      const load = loadOf(entry.backend, now);
      if (load > entry.load) {
        this.#weigh(entry, load);
      } else if (isOpen(entry.backend, tried)) {
        return entry;
      } else {
        this.#passed.push(entry);
        this.#weigh(entry, Number.POSITIVE_INFINITY);
      }
    }
  }

  #weigh(entry: Entry, load: number): void {
    entry.load = load;
    this.#heap.moved(entry);
  }

  #adopt(candidates: readonly Backend[], now: number): void {
    const known = this.#entries;
    this.#candidates = candidates;
    const entries = candidates.map((backend) => {
      return { backend, load: loadOf(backend, now), chosen: known.get(backend)?.chosen ?? 0, place: 0 };
    });
    this.#entries = new Map(entries.map((entry) => [entry.backend, entry]));
    this.#heap = new Heap<Entry>(entries, before);
  }
}

function loadOf(backend: Backend, now: number): number {
  return isOpen(backend, null) ? backend.active / weightAt(backend, now) : Number.POSITIVE_INFINITY;
}

function before(a: Entry, b: Entry): boolean {
  return a.load === b.load ? a.chosen < b.chosen : a.load < b.load;
}

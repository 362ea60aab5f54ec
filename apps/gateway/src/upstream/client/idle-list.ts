/**
 * What is idle, to be taken by who needs one: the one used last first, but none in the turn of the event loop in which it became idle.
 * Turns are numbers that grow; those of one turn are taken in any order.
 */
export class IdleList<T> {
  /** By turn. */
  readonly #entries: T[] = [];
  /** So many of them, the first ones, became idle before the turn in which this was counted. */
  #ripe = 0;
  #countedIn = -1;

  get size(): number {
    return this.#entries.length;
  }

  /** How many may be taken. */
  ripe(turn: number): number {
    if (turn !== this.#countedIn) {
      this.#countedIn = turn;
      this.#ripe = this.#entries.length;
    }
    return this.#ripe;
  }

  add(entry: T, turn: number): void {
    this.ripe(turn);
    this.#entries.push(entry);
  }

  /** Undefined where there is none that may be taken. */
  take(turn: number): T | undefined {
    if (this.ripe(turn) === 0) return undefined;
    this.#ripe--;
    const entry = this.#entries[this.#ripe];
    const last = this.#entries.pop();
    if (this.#ripe < this.#entries.length && last !== undefined) this.#entries[this.#ripe] = last;
    return entry;
  }

  /** Takes all that may be taken. */
  takeAll(turn: number): T[] {
    const taken = this.#entries.splice(0, this.ripe(turn));
    this.#ripe = 0;
    return taken;
  }

  /** The one that has been idle for longest; undefined where none may be taken. */
  oldest(turn: number): T | undefined {
    return this.ripe(turn) === 0 ? undefined : this.#entries[0];
  }

  /** Forgets one, if it is there. */
  remove(entry: T): void {
    const at = this.#entries.indexOf(entry);
    if (at < 0) return;
    this.#entries.splice(at, 1);
    if (at < this.#ripe) this.#ripe--;
  }
}

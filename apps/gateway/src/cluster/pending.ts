interface Waiting<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/** Answers that are waited for, by number. */
export class Pending<T> {
  readonly #waiting = new Map<number, Waiting<T>>();
  #last = 0;

  /** How many are waited for. */
  get size(): number {
    return this.#waiting.size;
  }

  /** @param ask sends the question, with the number that its answer is to name */
  open(ask: (id: number) => void): Promise<T> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      ask(id);
    });
  }

  /** An answer came; one that nobody waits for is dropped. */
  settle(id: number, value: T): void {
    this.#waiting.get(id)?.resolve(value);
    this.#waiting.delete(id);
  }

  /** No answer will come any more. */
  fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

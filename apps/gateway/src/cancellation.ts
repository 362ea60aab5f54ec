/** One-shot cancellation: an AbortSignal without its event machinery, since every exchange carries one. */
export class Cancellation {
  #reason: Error | null = null;
  #listeners: (() => void)[] | null = null;

  get cancelled(): boolean {
    return this.#reason !== null;
  }

  /** Why; null while not cancelled. */
  get reason(): Error | null {
    return this.#reason;
  }

  /** Runs `listener` on cancellation, at once if it is already there. */
  onCancel(listener: () => void): void {
    if (this.#reason !== null) listener();
    else if (this.#listeners === null) this.#listeners = [listener];
    else this.#listeners.push(listener);
  }

  /** Forgets a listener, so that a long-lived cancellation holds nothing of work that is over. */
  off(listener: () => void): void {
    const index = this.#listeners?.indexOf(listener) ?? -1;
    if (index >= 0) this.#listeners?.splice(index, 1);
  }

  cancel(reason: Error): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    const listeners = this.#listeners;
    this.#listeners = null;
    if (listeners !== null) for (const listener of listeners) listener();
  }
}

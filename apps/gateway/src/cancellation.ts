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
    const listeners = this.#listeners;
    if (listeners === null) return;
    const index = listeners.indexOf(listener);
    // Who came last mostly goes first, and to cut a list makes another.
    if (index >= 0 && index === listeners.length - 1) listeners.pop();
    else if (index >= 0) listeners.splice(index, 1);
  }

  /** Whether anybody would hear of it. */
  protected get heard(): boolean {
    return this.#listeners !== null && this.#listeners.length > 0;
  }

  cancel(reason: Error): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    const listeners = this.#listeners;
    this.#listeners = null;
    if (listeners !== null) for (const listener of listeners) listener();
  }
}

/** One that its parent ends too. It holds on to the parent only while somebody listens, which is while its work goes on. */
export class ChildCancellation extends Cancellation {
  readonly #parent: Cancellation;
  readonly #follow = (): void => this.cancel(this.#parent.reason ?? new Error("cancelled"));
  #following = false;

  constructor(parent: Cancellation) {
    super();
    this.#parent = parent;
  }

  override get reason(): Error | null {
    return super.reason ?? this.#parent.reason;
  }

  override get cancelled(): boolean {
    return this.reason !== null;
  }

  override onCancel(listener: () => void): void {
    super.onCancel(listener);
    if (this.#following || !this.heard) return;
    this.#following = true;
    this.#parent.onCancel(this.#follow);
  }

  override off(listener: () => void): void {
    super.off(listener);
    if (!this.heard) this.#leave();
  }

  override cancel(reason: Error): void {
    this.#leave();
    super.cancel(reason);
  }

  #leave(): void {
    if (!this.#following) return;
    this.#following = false;
    this.#parent.off(this.#follow);
  }
}

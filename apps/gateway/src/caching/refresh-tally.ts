/**
 * How a validation in the background ended: `refreshed` by a 304, `replaced` by a new response, `elsewhere` where another
 * gateway has done it or is at it, `unstored` where what came was not to be stored, `failed` where nothing came.
 */
export type RefreshOutcome = "refreshed" | "replaced" | "elsewhere" | "unstored" | "failed";

/** Counts the validations in the background, which are no exchanges of their own. */
export class RefreshTally {
  readonly #counts: Record<RefreshOutcome, number> = {
    refreshed: 0,
    replaced: 0,
    elsewhere: 0,
    unstored: 0,
    failed: 0,
  };

  /** Since the start. */
  get counts(): Readonly<Record<RefreshOutcome, number>> {
    return this.#counts;
  }

  note(outcome: RefreshOutcome): void {
    this.#counts[outcome]++;
  }
}

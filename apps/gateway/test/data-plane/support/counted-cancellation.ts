import { Cancellation } from "../../../src/cancellation.ts";

/** A cancellation that tells how many listeners it holds: none may stay with one that lives on. */
export class CountedCancellation extends Cancellation {
  held = 0;

  override onCancel(listener: () => void): void {
    this.held++;
    super.onCancel(listener);
  }

  override off(listener: () => void): void {
    this.held--;
    super.off(listener);
  }
}

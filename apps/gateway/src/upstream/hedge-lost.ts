/** Why an attempt was cancelled whose hedge answered first, or the other way round. */
export class HedgeLost extends Error {
  constructor() {
    super("another attempt answered first");
    this.name = "HedgeLost";
  }
}

import type { Backend } from "../backend.ts";

/** A table that gives each hash an owner, so that few hashes change theirs when backends come and go. */
export interface HashTable {
  /** Each slot's owner, as an index into the candidates that the table was built from. */
  readonly owners: ArrayLike<number>;
  /** The slot of an unsigned 32-bit hash; the slots after it are where it overflows to. */
  slotOf(hash: number): number;
}

/** Builds a table over backends and their weights. */
export type BuildTable = (backends: readonly Backend[]) => HashTable;

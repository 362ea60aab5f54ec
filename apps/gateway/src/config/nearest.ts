import { distance } from "fastest-levenshtein";

/** Spellings that count as the same key: `object_size`, `objectSize`, `OBJECT-SIZE`. */
export const fold = (key: string): string => key.replaceAll(/[_-]/g, "").toLowerCase();

const letters = (word: string): string => [...word].sort().join("");

/** Single-letter slips between two words; letters in the wrong order count as one. */
const slipsBetween = (a: string, b: string): number => (a !== b && letters(a) === letters(b) ? 1 : distance(a, b));

/** The candidate that was probably meant, or undefined where none is close: about one slip in three letters. */
export function nearest(written: string, candidates: readonly string[]): string | undefined {
  const folded = fold(written);
  let best: string | undefined;
  let least = Math.max(1, Math.ceil(folded.length / 3)) + 1;
  for (const candidate of candidates) {
    const slips = slipsBetween(folded, fold(candidate));
    if (slips < least) {
      least = slips;
      best = candidate;
    }
  }
  return best;
}

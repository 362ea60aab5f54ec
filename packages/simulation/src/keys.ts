import type { Random } from "./draws.ts";

/** Which keys come how often: the nth most frequent of `count` in proportion to 1 / n^exponent (Zipf); 0 is evenly. */
export interface Keys {
  readonly count: number;
  readonly exponent: number;
}

/** Draws keys, `key-1` being the most frequent. */
export function keyDraw({ count, exponent }: Keys, random: Random): () => string {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let rank = 1; rank <= count; rank++) {
    sum += rank ** -exponent;
    sums[rank - 1] = sum;
  }
  return () => `key-${1 + rankOf(sums, random() * sum)}`;
}

/** The first place whose sum is above `point`. */
function rankOf(sums: Float64Array, point: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? 0) > point) high = middle;
    else low = middle + 1;
  }
  return low;
}

import type { Backend } from "../backend.ts";
import type { ChooseContext } from "../policy.ts";
import { drawOpen } from "./draw.ts";

/**
 * The cheaper of two open candidates drawn at random: the longest queue falls from log n / log log n to log log n, at
 * the cost of one more draw. O(1). Source: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing" (2001).
 */
export function pickOfTwo(
  candidates: readonly Backend[],
  context: ChooseContext,
  cost: (backend: Backend, now: number) => number,
): Backend | undefined {
  const first = drawOpen(candidates, context);
  const one = candidates[first];
  if (one === undefined || candidates.length === 1) return one;
  const other = candidates[drawOpen(candidates, context, first)];
  if (other === undefined) return one;
  return cost(other, context.now) < cost(one, context.now) ? other : one;
}

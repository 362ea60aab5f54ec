import type { Backend } from "./backend.ts";
import type { Choice } from "./choice.ts";

/** What a choice would be: settled, or a matter of chance with the odds of each backend, 0 to 1, right to a percent. */
export type Preview =
  | { readonly kind: "settled"; readonly choice: Choice }
  | { readonly kind: "drawn"; readonly odds: ReadonlyMap<Backend, number> };

/** Choices that odds are counted over: right to a percent. What is chosen less often than that may be missing among them. */
const CHOICES = 1024;

/** Coprime bases, one for each draw of a choice; a choice seldom draws more than three times. */
const BASES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29];

/**
 * Tries a choice out. One that draws is made with points spread evenly over all that could be drawn (a Halton sequence),
 * so that the odds are the same each time they are asked for.
 * @param choose a choice that has no effect
 */
export function previewChoice(choose: (random: () => number) => Choice): Preview {
  let draws = 0;
  const first = choose(() => haltonPoint(draws++, 1));
  if (draws === 0) return { kind: "settled", choice: first };
  const odds = new Map<Backend, number>();
  for (let index = 1; index <= CHOICES; index++) {
    draws = 0;
    const choice = choose(() => haltonPoint(draws++, index));
    if (choice.kind === "chosen") odds.set(choice.backend, (odds.get(choice.backend) ?? 0) + 1 / CHOICES);
  }
  return odds.size === 0 ? { kind: "settled", choice: first } : { kind: "drawn", odds };
}

/** The `index`th point of the sequence in one dimension: its digits mirrored behind the point. */
function haltonPoint(dimension: number, index: number): number {
  const base = BASES[dimension % BASES.length] ?? 2;
  let point = 0;
  let place = 1 / base;
  for (let left = index; left > 0; left = Math.floor(left / base)) {
    point += (left % base) * place;
    place /= base;
  }
  return point;
}

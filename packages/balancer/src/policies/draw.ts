import { type Backend, isOpen } from "../backend.ts";
import type { ChooseContext } from "../policy.ts";

/** So many draws before the candidates are gone through: enough while most are open. */
const DRAWS = 4;

/** The index of a random open candidate other than `except`; -1 when there is none. */
export function drawOpen(candidates: readonly Backend[], { tried, random }: ChooseContext, except = -1): number {
  const { length } = candidates;
  let index = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    index = Math.floor(random() * length);
    if (index !== except && isOpenAt(candidates, index, tried)) return index;
  }
  for (let step = 1; step <= length; step++) {
    const next = (index + step) % length;
    if (next !== except && isOpenAt(candidates, next, tried)) return next;
  }
  return -1;
}

function isOpenAt(candidates: readonly Backend[], index: number, tried: ChooseContext["tried"]): boolean {
  const backend = candidates[index];
  return backend !== undefined && isOpen(backend, tried);
}

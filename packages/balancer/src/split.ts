import { hash32 } from "./hashing/hash.ts";

/** One of the sides that requests are split over. */
export interface SplitSide {
  readonly name: string;
  /** Its share, relative to the others'; above 0. */
  readonly weight: number;
}

/** What a request is assigned by. */
export type SplitAsked<S extends SplitSide> =
  /** Nothing: each is drawn anew. */
  | { readonly by: "draw" }
  /** A cookie: `kept` is the side that it stands for, undefined where that is none (any more). */
  | { readonly by: "cookie"; readonly presented: boolean; readonly kept: S | undefined }
  /** Something that the client brings each time. */
  | { readonly by: "hash"; readonly key: string | undefined };

/** Which side a request goes to, and why. */
export type SplitPlan<S extends SplitSide> =
  | { readonly kind: "cookie"; readonly side: S }
  | { readonly kind: "hash"; readonly side: S }
  | { readonly kind: "draw"; readonly reason: "each" | "new" | "reassigned" | "no-key"; readonly side: S };

/**
 * Chooses a side by its weight. A client that is assigned by cookie keeps its side while that is one; by hash, a change of
 * the weights moves only as many keys as it must.
 * @param sides at least one
 * @param random 0 (included) to 1 (excluded)
 */
export function planSplit<S extends SplitSide>(
  sides: readonly [S, ...S[]],
  asked: SplitAsked<S>,
  random: () => number,
): SplitPlan<S> {
  switch (asked.by) {
    case "draw":
      return { kind: "draw", reason: "each", side: draw(sides, random) };
    case "cookie":
      if (asked.kept !== undefined) return { kind: "cookie", side: asked.kept };
      return { kind: "draw", reason: asked.presented ? "reassigned" : "new", side: draw(sides, random) };
    case "hash":
      if (asked.key !== undefined) return { kind: "hash", side: sideOf(sides, asked.key) };
      return { kind: "draw", reason: "no-key", side: draw(sides, random) };
  }
}

function draw<S extends SplitSide>(sides: readonly [S, ...S[]], random: () => number): S {
  let total = 0;
  for (const { weight } of sides) total += weight;
  let left = random() * total;
  for (const side of sides) {
    left -= side.weight;
    if (left < 0) return side;
  }
  return sides[0];
}

/** Weighted rendezvous hashing (Schindelhauer and Schomaker, 2005): the side whose exponential clock rings first. */
function sideOf<S extends SplitSide>(sides: readonly [S, ...S[]], key: string): S {
  let first = sides[0];
  let earliest = Number.POSITIVE_INFINITY;
  for (const side of sides) {
    const uniform = (hash32(`${side.name}\0${key}`) + 0.5) / 2 ** 32;
    const at = -Math.log(uniform) / side.weight;
    if (at >= earliest) continue;
    earliest = at;
    first = side;
  }
  return first;
}

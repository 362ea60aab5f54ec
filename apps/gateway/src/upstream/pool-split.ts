import { planSplit, type SplitAsked, type SplitPlan, type SplitSide, StickyTokens } from "@headgate/balancer";
import type { FieldList } from "@headgate/http";
import type { HashInput, HashKey } from "./hash-key.ts";
import type { TokenCookie } from "./token-cookie.ts";
import type { UpstreamPool } from "./upstream-pool.ts";

/** A pool that takes a share of a route's requests. */
export interface Side extends SplitSide {
  /** The pool's. */
  readonly name: string;
  readonly pool: UpstreamPool;
}

export type PoolPlan = SplitPlan<Side>;

/** What a client's requests are kept together by. */
export type Assignment =
  | { readonly by: "draw" }
  | { readonly by: "cookie"; readonly cookie: TokenCookie; readonly secret: string }
  | { readonly by: "hash"; readonly key: HashKey };

/** No pool can have this name. The same for all routes: a client is on the same side of all that are split alike. */
const SCOPE = "split:";

/** A route's requests, split over pools. */
export class PoolSplit {
  readonly sides: readonly [Side, ...Side[]];
  readonly #assignment: Assignment;
  readonly #tokens: StickyTokens<string> | null = null;

  /** @param sides those with a weight above 0 */
  constructor(sides: readonly [Side, ...Side[]], assignment: Assignment) {
    this.sides = sides;
    this.#assignment = assignment;
    if (assignment.by !== "cookie") return;
    this.#tokens = new StickyTokens(assignment.secret, SCOPE);
    this.#tokens.replace(sides.map(({ name }) => name));
  }

  /** Decides where a request goes. Its cookie, if that is what it goes by, is taken out of `fields`. */
  plan(request: HashInput & { readonly fields: FieldList }, random: () => number): PoolPlan {
    return planSplit(this.sides, this.#asked(request), random);
  }

  /** The Set-Cookie value that keeps a client where it has been drawn to; null where there is none to be told. */
  cookieFor(plan: PoolPlan, scheme: "http" | "https"): string | null {
    if (plan.kind !== "draw" || this.#tokens === null || this.#assignment.by !== "cookie") return null;
    return this.#assignment.cookie.give(this.#tokens.tokenOf(plan.side.name), scheme);
  }

  #asked(request: HashInput & { readonly fields: FieldList }): SplitAsked<Side> {
    const assignment = this.#assignment;
    if (assignment.by === "draw") return assignment;
    if (assignment.by === "hash") return { by: "hash", key: assignment.key(request) };
    const token = assignment.cookie.take(request.fields);
    if (token === undefined) return { by: "cookie", presented: false, kept: undefined };
    const name = this.#tokens?.find(token);
    return { by: "cookie", presented: true, kept: this.sides.find((side) => side.name === name) };
  }
}

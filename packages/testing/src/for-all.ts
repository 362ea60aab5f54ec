import * as fc from "fast-check";

/**
 * Asserts that a synchronous rule holds for all values: `forAll(fc.string(), (s) => parse(s) !== undefined)`. The predicate returns
 * false or throws where it does not hold. Unlike `fc.assert` its type says that there is no promise to wait for.
 */
export function forAll<Ts extends [unknown, ...unknown[]]>(
  ...args: [...{ [K in keyof Ts]: fc.Arbitrary<Ts[K]> }, (...values: Ts) => boolean | undefined]
): void {
  void fc.assert(fc.property<Ts>(...args));
}

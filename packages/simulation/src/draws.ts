/** Numbers from 0 up to but not including 1. */
export type Random = () => number;

/** What chance is asked for. Each has numbers of its own, so that a policy that asks more often does not change the load. */
export type Chance = "arrivals" | "work" | "keys" | "policy" | "retries" | "checks" | "faults";

const SALTS: Readonly<Record<Chance, number>> = {
  arrivals: 1,
  work: 2,
  keys: 3,
  policy: 4,
  retries: 5,
  checks: 6,
  faults: 7,
};

/** Repeatable numbers for one purpose, and within it for one thing by its numbers: an exchange and its nth attempt. */
export function draws(seed: number, chance: Chance, ...of: readonly number[]): Random {
  return mulberry32(
    [SALTS[chance], ...of].reduce((hash, part) => mix(hash ^ Math.imul(part + 1, 0x9e3779b1)), mix(seed)),
  );
}

/** 32 bits of state: enough for simulations, not for secrets. Source: Ettinger's mulberry32. */
function mulberry32(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), bits | 61)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** MurmurHash3's finaliser, so that neighbouring seeds give numbers that are not alike. */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

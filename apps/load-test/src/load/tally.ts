/** Counts by name, for names that a stranger chooses: past `limit` different ones, the rest is counted as `other`. */
export interface Tally {
  add(name: string): void;
  counts(): Record<string, number>;
}

export function createTally(limit = 100): Tally {
  const counts = new Map<string, number>();
  return {
    add(name) {
      const known = counts.has(name) || counts.size < limit ? name : "other";
      counts.set(known, (counts.get(known) ?? 0) + 1);
    },
    counts: () => Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** What `GET /_admin/stats` tells. */
export interface StatsView {
  /** Requests whose body came whole and whose answer was begun; `/health`, `/events` and `/_admin` do not count. */
  readonly executed: number;
  readonly byMethod: Readonly<Record<string, number>>;
  readonly ids: {
    /** Ids remembered now, at most 10,000: the latest ones. */
    readonly remembered: number;
    /** How often an id came that was remembered. */
    readonly repeats: number;
    /** The latest ids that came more than once, at most 100. */
    readonly repeated: readonly string[];
  };
}

export interface Stats {
  executed(method: string, id: string | undefined): void;
  view(): StatsView;
  /** The remembered ids, oldest first. */
  ids(): readonly string[];
}

const remember = 10_000;
const name = 100;

/** Adds to a set as its latest member and drops the oldest above `limit`. */
function keep(set: Set<string>, value: string, limit: number): void {
  set.delete(value);
  set.add(value);
  if (set.size > limit) for (const oldest of set) return void set.delete(oldest);
}

/** Counts executed requests, in bounded memory, so that a test can show that none ran twice. */
export function createStats(): Stats {
  const byMethod = new Map<string, number>();
  const ids = new Set<string>();
  const repeated = new Set<string>();
  let executed = 0;
  let repeats = 0;
  return {
    executed(method, id) {
      executed += 1;
      byMethod.set(method, (byMethod.get(method) ?? 0) + 1);
      if (id === undefined) return;
      if (ids.has(id)) {
        repeats += 1;
        keep(repeated, id, name);
      }
      keep(ids, id, remember);
    },
    view: () => ({
      executed,
      byMethod: Object.fromEntries(byMethod),
      ids: { remembered: ids.size, repeats, repeated: [...repeated] },
    }),
    ids: () => [...ids],
  };
}

import type { ExchangeTallies, RouteTally } from "./exchange-tallies.ts";
import type { ByLabel, Count, Distribution } from "./tally.ts";

type Rows<T> = readonly (readonly [string, T])[];

interface Durations {
  readonly counts: Float64Array<ArrayBuffer>;
  readonly sum: number;
}

interface RouteDelta {
  readonly requests: Rows<Rows<readonly (readonly [number, number])[]>>;
  readonly durations: Readonly<Record<keyof RouteTally["durations"], Durations>>;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

/** What `ExchangeTallies` hold, as plain rows that go from process to process. */
export interface TalliesDelta {
  readonly routes: Rows<RouteDelta>;
  readonly backends: Rows<Rows<{ readonly outcomes: Rows<number>; readonly heads: Durations }>>;
  readonly retries: Rows<Rows<number>>;
  readonly hedges: Rows<Rows<number>>;
  readonly retryPlans: Rows<Rows<number>>;
  readonly cacheResults: Rows<Rows<number>>;
  readonly assignments: Rows<Rows<Rows<number>>>;
  readonly problems: Rows<number>;
  readonly outcomes: Rows<number>;
  readonly codings: Rows<{ readonly before: number; readonly after: number }>;
}

const readCount = ({ value }: Count): number => value;

const counted = (counts: ByLabel<string, Count>): Rows<number> => counts.rows(readCount);

const durationsOf = ({ counts, sum }: Distribution): Durations => ({ counts: Float64Array.from(counts), sum });

/** All that was tallied. */
export function talliesDelta(tallies: ExchangeTallies): TalliesDelta {
  return {
    routes: tallies.routes.rows(routeDelta),
    backends: tallies.backends.rows((ofPool) =>
      ofPool.rows(({ outcomes, heads }) => ({ outcomes: counted(outcomes), heads: durationsOf(heads) })),
    ),
    retries: tallies.retries.rows(counted),
    hedges: tallies.hedges.rows(counted),
    retryPlans: tallies.retryPlans.rows(counted),
    cacheResults: tallies.cacheResults.rows(counted),
    assignments: tallies.assignments.rows((pools) => pools.rows(counted)),
    problems: counted(tallies.problems),
    outcomes: counted(tallies.outcomes),
    codings: tallies.codings.rows(({ before, after }) => ({ before, after })),
  };
}

function routeDelta({ requests, durations, requestBytes, responseBytes }: RouteTally): RouteDelta {
  const { cache, upstream, gateway } = durations;
  return {
    requests: requests.rows((results) => results.rows((statuses) => statuses.rows(readCount))),
    durations: { cache: durationsOf(cache), upstream: durationsOf(upstream), gateway: durationsOf(gateway) },
    requestBytes,
    responseBytes,
  };
}

const addCount = (count: Count, more: number): void => {
  count.value += more;
};

const addCounts = (counts: ByLabel<string, Count>, rows: Rows<number>): void => counts.take(rows, addCount);

/** Adds what another process has tallied. */
export function addDelta(tallies: ExchangeTallies, delta: TalliesDelta): void {
  tallies.routes.take(delta.routes, addRoute);
  tallies.backends.take(delta.backends, (ofPool, rows) =>
    ofPool.take(rows, (tally, { outcomes, heads }) => {
      addCounts(tally.outcomes, outcomes);
      tally.heads.add(heads);
    }),
  );
  tallies.retries.take(delta.retries, addCounts);
  tallies.hedges.take(delta.hedges, addCounts);
  tallies.retryPlans.take(delta.retryPlans, addCounts);
  tallies.cacheResults.take(delta.cacheResults, addCounts);
  tallies.assignments.take(delta.assignments, (pools, rows) => pools.take(rows, addCounts));
  addCounts(tallies.problems, delta.problems);
  addCounts(tallies.outcomes, delta.outcomes);
  tallies.codings.take(delta.codings, (tally, { before, after }) => {
    tally.before += before;
    tally.after += after;
  });
}

function addRoute(tally: RouteTally, { requests, durations, requestBytes, responseBytes }: RouteDelta): void {
  tally.requests.take(requests, (results, rows) =>
    results.take(rows, (statuses, byStatus) => statuses.take(byStatus, addCount)),
  );
  tally.durations.cache.add(durations.cache);
  tally.durations.upstream.add(durations.upstream);
  tally.durations.gateway.add(durations.gateway);
  tally.requestBytes += requestBytes;
  tally.responseBytes += responseBytes;
}

/** How long is waited, ms; 0 for no bound. */
export interface Times {
  readonly connectTimeout: number;
  /** Longest silence before a response's head. */
  readonly headTimeout: number;
  /** Longest silence within a response body. */
  readonly bodyTimeout: number;
  /** How long an idle connection is kept; below the backend's own time, or requests meet a closing socket. */
  readonly keepAlive: number;
}

/**
 * The same times in beats. One timer beats for all connections of a pool and each counts the beats of its silence, so that
 * nothing is set or cleared for a request.
 */
export interface Patience {
  /** ms between two beats. */
  readonly beat: number;
  readonly connecting: number;
  readonly head: number;
  readonly body: number;
  /** 0: not kept at all. `hint` is for how long the other side says that it keeps the connection, ms; -1 where it does not. */
  idle(hint: number): number;
}

/** So much earlier than the other side says an idle connection is closed, ms. */
const MARGIN = 1000;
/** A beat is this part of the shortest time that is watched. */
const BEATS = 16;
/** ms */
const SHORTEST_BEAT = 10;
/** ms */
const LONGEST_BEAT = 500;

export function patienceOf({ connectTimeout, headTimeout, bodyTimeout, keepAlive }: Times): Patience {
  const watched = [connectTimeout, headTimeout, bodyTimeout, keepAlive].filter((time) => time > 0);
  const beat = Math.min(LONGEST_BEAT, Math.max(SHORTEST_BEAT, Math.floor(Math.min(...watched) / BEATS)));
  // Never too early for what fails a request, never too late for what only ends an idle connection.
  const above = (time: number): number => (time > 0 ? Math.ceil(time / beat) : Number.POSITIVE_INFINITY);
  return {
    beat,
    connecting: above(connectTimeout),
    head: above(headTimeout),
    body: above(bodyTimeout),
    idle: (hint) => Math.max(0, Math.floor((hint < 0 ? keepAlive : Math.min(keepAlive, hint - MARGIN)) / beat)),
  };
}

/** One connection to the target; it carries one request at a time. */
export interface Link {
  /** Whether it is connected, so that a request needs no handshake. */
  readonly warm: boolean;
  /** Sends a request that was due at `due`. */
  send(due: number): void;
}

/** Gives due requests to free connections, in order; those that find none wait, and their clock runs. */
export interface Dispatcher {
  /** A request became due. */
  arrive(due: number): void;
  /** A connection can take a request: a new one, one whose request ended, or one that was lost while free. */
  free(link: Link): void;
  /** Drops all that wait; gives when each was due. */
  giveUp(): readonly number[];
  /** Requests that wait for a connection. */
  waiting(): number;
  /** Connections that carry a request. */
  busy(): number;
}

/** Connected links go first, in turn, so that all of them stay in use; others are connected on demand. */
export function createDispatcher(): Dispatcher {
  const warm = new Set<Link>();
  const cold = new Set<Link>();
  const known = new Set<Link>();
  let waiting: number[] = [];
  const take = (links: Set<Link>): Link | undefined => {
    for (const link of links) {
      links.delete(link);
      return link;
    }
    return undefined;
  };
  return {
    arrive(due) {
      const link = take(warm) ?? take(cold);
      if (link === undefined) waiting.push(due);
      else link.send(due);
    },
    free(link) {
      known.add(link);
      warm.delete(link);
      cold.delete(link);
      const due = waiting.shift();
      if (due !== undefined) link.send(due);
      else (link.warm ? warm : cold).add(link);
    },
    giveUp() {
      const dropped = waiting;
      waiting = [];
      return dropped;
    },
    waiting: () => waiting.length,
    busy: () => known.size - warm.size - cold.size,
  };
}

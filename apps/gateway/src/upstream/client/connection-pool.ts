import { ClientError } from "./client-error.ts";
import type { ClientExchange } from "./client-exchange.ts";
import type { Connector } from "./connect.ts";
import { Connection } from "./connection.ts";
import type { ConnectionOwner } from "./connection-owner.ts";
import { IdleList } from "./idle-list.ts";
import { type Patience, patienceOf, type Times } from "./patience.ts";
import { atTurnsEnd, type TurnEnd, turnNow } from "./turn-ends.ts";

/** Bounds of the connections to one backend. */
export interface PoolOptions extends Times {
  /** Connections at most; null for no bound. */
  readonly connections: number | null;
}

/**
 * The kept connections to one backend. An exchange gets the one that was used last, else a new one, else waits for its turn.
 * Connections are given out at the end of a turn of the event loop, and one that was freed in this turn only at the end of the
 * next: by then it is known of those that were closed meanwhile, or to which came what nobody had asked for.
 */
export class ConnectionPool implements ConnectionOwner, TurnEnd {
  readonly host: string;
  readonly patience: Patience;
  readonly #connector: Connector;
  readonly #bound: number;
  readonly #open: Set<Connection> = new Set();
  readonly #idle = new IdleList<Connection>();
  /**
   * Came in this turn; null where there is none. A list is never there before what it holds: what is young and put into something
   * old, that is then thrown away, lives until the next full collection, with all that it knows.
   */
  #asked: ClientExchange[] | null = null;
  /** Found no connection, in the order in which they came; null or empty where there is none. */
  #waiting: Set<ClientExchange> | null = null;
  #awaitsEnd = false;
  #timer: NodeJS.Timeout | null = null;
  #closed: "UPSTREAM_CLOSED" | "UPSTREAM_DESTROYED" | null = null;
  #whenEmpty: (() => void)[] = [];

  /** @param host for requests that have none */
  constructor(host: string, connector: Connector, options: PoolOptions) {
    this.host = host;
    this.patience = patienceOf(options);
    this.#bound = options.connections ?? Number.POSITIVE_INFINITY;
    this.#connector = connector;
  }

  /** Sends `exchange` as soon as there is a connection; whatever becomes of it is told to it, never thrown. */
  dispatch(exchange: ClientExchange): void {
    if (this.#closed !== null) {
      exchange.onError(new ClientError(this.#closed, "the connections to this backend are closed"));
      return;
    }
    if (this.#asked === null) this.#asked = [exchange];
    else this.#asked.push(exchange);
    this.#atTurnsEnd();
  }

  /** No new exchanges; resolves when those that came before are done and every connection is closed. */
  close(): Promise<void> {
    this.#closed ??= "UPSTREAM_CLOSED";
    return this.#empty();
  }

  /** Breaks off whatever still runs or waits; resolves when every connection is closed. */
  destroy(): Promise<void> {
    this.#closed = "UPSTREAM_DESTROYED";
    const waiting = [...(this.#waiting ?? []), ...(this.#asked ?? [])];
    this.#waiting?.clear();
    this.#asked = null;
    for (const exchange of waiting) {
      if (!exchange.over) exchange.onError(new ClientError("UPSTREAM_DESTROYED", "the connections were broken off"));
    }
    for (const connection of [...this.#open]) connection.destroy();
    return this.#empty();
  }

  freed(connection: Connection): void {
    this.#idle.add(connection, turnNow());
    if (this.#waiting !== null || this.#closed !== null) this.#atTurnsEnd();
  }

  /** What else was idle no less long may be as stale: another attempt must not meet that too. */
  stale(): void {
    for (const connection of this.#idle.takeAll(turnNow())) if (connection.idle) connection.destroy();
  }

  gone(connection: Connection): void {
    if (!this.#open.delete(connection)) return;
    this.#idle.remove(connection);
    if (this.#open.size === 0 && this.#timer !== null) {
      clearTimeout(this.#timer);
      this.#timer = null;
    }
    if (this.#waiting !== null || this.#closed !== null) this.#atTurnsEnd();
  }

  turnEnds(): void {
    this.#awaitsEnd = false;
    const asked = this.#asked;
    this.#asked = null;
    // Who waits for one of these gets it one turn later, sooner than a new one were made.
    let coming = this.#idle.size - this.#idle.ripe(turnNow());
    if (this.#waiting !== null) coming = this.#serveWaiting(this.#waiting, coming);
    if (asked !== null) this.#serveAll(asked, coming);
    if (this.#waiting !== null && this.#idle.size > 0) this.#atTurnsEnd();
    if (this.#closed !== null) this.#closeIdle();
  }

  #atTurnsEnd(): void {
    if (this.#awaitsEnd) return;
    this.#awaitsEnd = true;
    atTurnsEnd(this);
  }

  /** @returns how many of the connections that come are nobody's yet */
  #serveWaiting(waiting: Set<ClientExchange>, coming: number): number {
    let left = coming;
    for (const exchange of waiting) {
      if (left > 0 && this.#idle.ripe(turnNow()) === 0) left--;
      else if (this.#serve(exchange)) waiting.delete(exchange);
      else break;
    }
    if (waiting.size === 0) this.#waiting = null;
    return left;
  }

  /** @param coming connections that are free after this turn */
  #serveAll(asked: readonly ClientExchange[], coming: number): void {
    let left = coming;
    for (const exchange of asked) {
      if (exchange.over) continue;
      if (left > 0 && this.#idle.ripe(turnNow()) === 0) {
        left--;
        this.#wait(exchange);
      } else if (!this.#serve(exchange)) this.#wait(exchange);
    }
  }

  /** False where it has to wait. A bug in what hears of one exchange leaves the others theirs. */
  #serve(exchange: ClientExchange): boolean {
    try {
      return this.#start(exchange);
    } catch (error) {
      // Unhandled, so it is reported as bugs are.
      void Promise.reject(error);
      return true;
    }
  }

  #start(exchange: ClientExchange): boolean {
    const upgrades = exchange.request.upgrade !== null;
    const connection = upgrades ? undefined : this.#takeIdle();
    if (connection !== undefined) {
      if (!connection.start(exchange)) this.freed(connection);
    } else if (this.#open.size < this.#bound) this.#connect(exchange);
    else {
      // An upgrade needs a connection of its own.
      if (upgrades) this.#idle.oldest(turnNow())?.destroy();
      return false;
    }
    return true;
  }

  #takeIdle(): Connection | undefined {
    let connection = this.#idle.take(turnNow());
    while (connection?.idle === false) connection = this.#idle.take(turnNow());
    return connection;
  }

  #connect(exchange: ClientExchange): void {
    try {
      this.#open.add(new Connection(this, this.#connector, exchange));
    } catch (error) {
      exchange.onError(error as Error);
      return;
    }
    if (this.#timer === null) this.#setTimer();
  }

  #wait(exchange: ClientExchange): void {
    const waiting = this.#waiting ?? new Set();
    this.#waiting = waiting.add(exchange);
    exchange.onWaiting({
      abort: (reason) => {
        if (this.#waiting?.delete(exchange) === true) exchange.onError(reason);
      },
    });
  }

  #setTimer(): void {
    this.#timer = setTimeout(() => {
      this.#setTimer();
      for (const connection of this.#open) connection.beat();
    }, this.patience.beat).unref();
  }

  #empty(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenEmpty.push(resolve);
      this.#atTurnsEnd();
    });
  }

  #closeIdle(): void {
    if (this.#asked !== null || (this.#waiting !== null && this.#waiting.size > 0)) return;
    for (const connection of [...this.#open]) if (connection.idle) connection.destroy();
    if (this.#open.size > 0) return;
    const told = this.#whenEmpty;
    this.#whenEmpty = [];
    for (const resolve of told) resolve();
  }
}

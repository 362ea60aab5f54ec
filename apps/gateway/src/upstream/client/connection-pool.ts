import { ClientError } from "./client-error.ts";
import type { ClientExchange } from "./client-exchange.ts";
import type { Connector } from "./connect.ts";
import { Connection } from "./connection.ts";
import type { ConnectionOwner } from "./connection-owner.ts";
import { type Patience, patienceOf, type Times } from "./patience.ts";

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
export class ConnectionPool implements ConnectionOwner {
  readonly host: string;
  readonly patience: Patience;
  readonly #connector: Connector;
  readonly #bound: number;
  readonly #open: Set<Connection> = new Set();
  /** The one used last stands last. */
  readonly #idle: Connection[] = [];
  /**
   * Idle since this turn; null where there is none. A list is never there before what it holds: what is young and put into something
   * old, that is then thrown away, lives until the next full collection, with all that it knows.
   */
  #fresh: Connection[] | null = null;
  /** Came in this turn. */
  #asked: ClientExchange[] | null = null;
  /** Found no connection, in the order in which they came. */
  readonly #waiting: Set<ClientExchange> = new Set();
  #turnEnds = false;
  #timer: NodeJS.Timeout | null = null;
  #closed: "UPSTREAM_CLOSED" | "UPSTREAM_DESTROYED" | null = null;
  #whenEmpty: (() => void)[] = [];
  readonly #onTurn = (): void => this.#endTurn();

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
    const waiting = [...this.#waiting, ...(this.#asked ?? [])];
    this.#waiting.clear();
    this.#asked = null;
    for (const exchange of waiting) {
      if (!exchange.over) exchange.onError(new ClientError("UPSTREAM_DESTROYED", "the connections were broken off"));
    }
    for (const connection of [...this.#open]) connection.destroy();
    return this.#empty();
  }

  freed(connection: Connection): void {
    if (this.#fresh === null) this.#fresh = [connection];
    else this.#fresh.push(connection);
    this.#atTurnsEnd();
  }

  /** What else was idle no less long may be as stale: another attempt must not meet that too. */
  stale(): void {
    for (const connection of this.#idle.splice(0)) if (connection.idle) connection.destroy();
  }

  gone(connection: Connection): void {
    if (!this.#open.delete(connection)) return;
    remove(this.#idle, connection);
    if (this.#fresh !== null) remove(this.#fresh, connection);
    if (this.#open.size === 0 && this.#timer !== null) {
      clearTimeout(this.#timer);
      this.#timer = null;
    }
    if (this.#waiting.size > 0 || this.#closed !== null) this.#atTurnsEnd();
  }

  #atTurnsEnd(): void {
    if (this.#turnEnds) return;
    this.#turnEnds = true;
    setImmediate(this.#onTurn);
  }

  #endTurn(): void {
    this.#turnEnds = false;
    const asked = this.#asked;
    this.#asked = null;
    // Who waits for one of these gets it one turn later, sooner than a new one were made.
    let coming = this.#fresh?.length ?? 0;
    for (const exchange of this.#waiting) {
      if (coming > 0 && this.#idle.length === 0) coming--;
      else if (this.#serve(exchange)) this.#waiting.delete(exchange);
      else break;
    }
    if (asked !== null) this.#serveAll(asked, coming);
    const fresh = this.#fresh;
    this.#fresh = null;
    if (fresh !== null) for (const connection of fresh) if (connection.idle) this.#idle.push(connection);
    if (this.#waiting.size > 0 && this.#idle.length > 0) this.#atTurnsEnd();
    if (this.#closed !== null) this.#closeIdle();
  }

  /** @param coming connections that are free after this turn */
  #serveAll(asked: readonly ClientExchange[], coming: number): void {
    let left = coming;
    for (const exchange of asked) {
      if (exchange.over) continue;
      if (left > 0 && this.#idle.length === 0) {
        left--;
        this.#wait(exchange);
      } else if (!this.#serve(exchange)) this.#wait(exchange);
    }
  }

  /** False where it has to wait. */
  #serve(exchange: ClientExchange): boolean {
    const upgrades = exchange.request.upgrade !== null;
    const connection = upgrades ? undefined : this.#takeIdle();
    if (connection !== undefined) {
      if (!connection.start(exchange)) this.freed(connection);
    } else if (this.#open.size < this.#bound) this.#connect(exchange);
    else {
      // An upgrade needs a connection of its own.
      if (upgrades) this.#idle.shift()?.destroy();
      return false;
    }
    return true;
  }

  #takeIdle(): Connection | undefined {
    let connection = this.#idle.pop();
    while (connection?.idle === false) connection = this.#idle.pop();
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
    this.#waiting.add(exchange);
    exchange.onWaiting({
      abort: (reason) => {
        if (this.#waiting.delete(exchange)) exchange.onError(reason);
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
    if (this.#asked !== null || this.#waiting.size > 0) return;
    for (const connection of [...this.#open]) if (connection.idle) connection.destroy();
    if (this.#open.size > 0) return;
    const told = this.#whenEmpty;
    this.#whenEmpty = [];
    for (const resolve of told) resolve();
  }
}

function remove(connections: Connection[], connection: Connection): void {
  const at = connections.indexOf(connection);
  if (at >= 0) connections.splice(at, 1);
}

import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServerOptions } from "http-proxy";
import type { Attempt } from "./attempt.ts";
import { type BackendTls, connectorTo } from "./client/connect.ts";
import { ConnectionPool, type PoolOptions } from "./client/connection-pool.ts";

export type { BackendTls };

/** Bounds of the connections to one backend. */
export interface ConnectionOptions extends PoolOptions {
  /** Response bytes held for a reader that has not come yet. */
  readonly responseBuffer: number;
  readonly tls: BackendTls;
}

/** The kept connections to one backend. */
export class BackendConnections {
  readonly id: string;
  /** As http-proxy wants it: parsed once, never per request. */
  readonly target: URL;
  readonly options: ConnectionOptions;
  readonly responseBuffer: number;
  readonly #pool: ConnectionPool;

  constructor(id: string, url: string, options: ConnectionOptions) {
    this.id = id;
    this.target = new URL(url);
    this.options = options;
    this.responseBuffer = options.responseBuffer;
    this.#pool = new ConnectionPool(this.target.host, connectorTo(this.target, options.tls), options);
  }

  /** Starts `attempt`; whatever becomes of it is told to the attempt, never thrown. */
  dispatch(attempt: Attempt): void {
    if (!attempt.over) this.#pool.dispatch(attempt);
  }

  /** No new requests; resolves when those that run are done and every socket is closed. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  /** Breaks off whatever still runs. */
  destroy(): Promise<void> {
    return this.#pool.destroy();
  }
}

/** http-proxy's options of one call, with the attempt that our pass sends. */
export interface AttemptOptions extends ServerOptions {
  readonly attempt: Attempt;
  readonly connections: BackendConnections;
}

/**
 * The pass that takes the place of http-proxy's own: it runs before `deleteLength` (which turns a chunked DELETE into
 * a smuggled one) and ends the chain.
 */
export function sendPass(_request: IncomingMessage, _response: ServerResponse, options: object): true {
  const { attempt, connections } = options as AttemptOptions;
  connections.dispatch(attempt);
  return true;
}

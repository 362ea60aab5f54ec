import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServerOptions } from "http-proxy";
import { buildConnector, Pool } from "undici";
import { WaitingList } from "../waiting-list.ts";
import type { Attempt } from "./attempt.ts";

/** TLS towards backends; PEM contents, not paths. */
export interface BackendTls {
  readonly verify: boolean;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly servername?: string | undefined;
}

/** Bounds of the connections to one backend; times in ms. */
export interface ConnectionOptions {
  readonly connectTimeout: number;
  readonly headTimeout: number;
  /** Longest silence within a response body. */
  readonly bodyTimeout: number;
  /** Connections at most; null for no bound. */
  readonly connections: number | null;
  /** How long an idle connection is kept; below the backend's own time, or requests meet a closing socket. */
  readonly keepAlive: number;
  /** Response bytes held for a reader that has not come yet. */
  readonly responseBuffer: number;
  readonly tls: BackendTls;
}

/** The kept connections to one backend. */
export class BackendConnections {
  readonly id: string;
  /** As http-proxy wants it: parsed once, never per request. */
  readonly target: URL;
  readonly responseBuffer: number;
  /** Attempts that wait for their response's head. */
  readonly waiting: WaitingList<Attempt> = new WaitingList();
  readonly #pool: Pool;

  constructor(id: string, url: string, options: ConnectionOptions) {
    const { verify, ...tls } = options.tls;
    const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
    const { connectTimeout: timeout } = options;
    const connect = buildConnector({ allowH2: false, timeout, rejectUnauthorized: verify, ...given });
    this.id = id;
    this.target = new URL(url);
    this.responseBuffer = options.responseBuffer;
    this.#pool = new Pool(this.target.origin, {
      allowH2: false,
      connections: options.connections,
      pipelining: 1,
      headersTimeout: options.headTimeout,
      bodyTimeout: options.bodyTimeout,
      keepAliveTimeout: options.keepAlive,
      keepAliveMaxTimeout: options.keepAlive,
      // Without a name told the connector takes the one given, else the target's.
      connect: (to, callback) => connect({ ...to, servername: "" }, callback),
    });
  }

  /** Starts `attempt`; whatever becomes of it is told to the attempt, never thrown. */
  dispatch(attempt: Attempt): void {
    if (attempt.over) return;
    try {
      // Else undici would take the name to check the certificate by from Host, which is the client's to choose, and would
      // close the connection whenever another comes.
      this.#pool.dispatch(Object.assign(attempt.options, { servername: this.target.hostname }), attempt);
    } catch (error) {
      attempt.onResponseError(null, error as Error);
    }
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

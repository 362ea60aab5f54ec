import type { Socket } from "node:net";
import { Http1Connection } from "./connection.ts";
import type { Http1Terms } from "./terms.ts";

/** All HTTP/1 connections of one port: an owner for each, and one timer for the times of all. */
export class Http1Server {
  readonly #terms: Http1Terms;
  readonly #connections = new Set<Http1Connection>();
  readonly #every: number;
  #timer: NodeJS.Timeout | null = null;

  constructor(terms: Http1Terms) {
    this.#terms = terms;
    this.#every = Math.max(10, Math.min(1000, terms.headTimeout, terms.idleTimeout) / 2);
  }

  accept(socket: Socket): void {
    // Beyond the most connections.
    if (socket.destroyed) return;
    const connection = new Http1Connection(socket, this.#terms);
    this.#connections.add(connection);
    this.#timer ??= setInterval(() => this.check(), this.#every).unref();
    socket.on("close", () => this.#remove(connection));
  }

  /** Ends those between two requests; the others end with their response. */
  closeIdle(): void {
    for (const connection of this.#connections) if (connection.idle) connection.leave();
  }

  /** Looks at the times of all. */
  check(): void {
    const now = this.#terms.tick();
    for (const connection of this.#connections) connection.check(now);
  }

  #remove(connection: Http1Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}

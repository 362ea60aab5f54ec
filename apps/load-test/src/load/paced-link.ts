import { TLSSocket } from "node:tls";
import { type AutocannonClient, field, type Head, teachParser } from "./autocannon-client.ts";
import type { Link } from "./dispatcher.ts";
import type { Answer, Times } from "./recorder.ts";

export interface LinkEvents {
  /** The run's clock, ms. */
  now(): number;
  sent(now: number): void;
  answered(answer: Answer, times: Times, now: number): void;
  /** The request got no answer: an error code, `timeout` or `closed early`. */
  failed(kind: string, times: Times, now: number): void;
  /** It can take a request. */
  free(link: PacedLink): void;
}

/**
 * Makes one of autocannon's clients send when it is told to, instead of as soon as the answer before has come: only
 * then is the load open, as users are, and no slow answer delays other requests unseen. To that end it takes the
 * place of the two methods by which the client starts requests and connections of its own accord.
 *
 * It also mends what the client gets wrong when a connection ends in the middle of an answer: the parser kept its
 * state for the next connection, and the lost request was not counted.
 */
export class PacedLink implements Link {
  readonly #client: AutocannonClient;
  readonly #on: LinkEvents;
  readonly #connect: () => void;
  readonly #request: () => void;
  #connected = false;
  /** Of the request in flight. */
  #times: Times | undefined;
  #head: Head | undefined;
  #errorCode: string | undefined;

  constructor(client: AutocannonClient, method: string, on: LinkEvents) {
    this.#client = client;
    this.#on = on;
    this.#connect = client._connect.bind(client);
    this.#request = client._doRequest.bind(client);
    const disconnect = client._destroyConnection.bind(client);
    client._connect = () => {
      // The first call comes from the constructor, after it has set its parser up.
      teachParser(client.parser, method, () => this.#times !== undefined);
      client._connect = () => this.#lost();
      on.free(this);
    };
    client._doRequest = () => this.#ready();
    client._destroyConnection = () => {
      if (client.conn !== undefined) disconnect();
    };
    client.on("connError", (error: NodeJS.ErrnoException) => {
      this.#errorCode = error.code ?? "connection error";
    });
    client.on("headers", (head: Head) => {
      this.#head = head;
    });
    client.on("response", (status: number, bytes: number) => this.#answered(status, bytes));
  }

  get warm(): boolean {
    return this.#connected;
  }

  send(due: number): void {
    if (!this.#connected) this.#open();
    const sent = this.#on.now();
    this.#times = { due, sent };
    this.#on.sent(sent);
    this.#request();
  }

  /** Connects ahead of the first request; resolves when that is done, or has failed. */
  connect(): Promise<void> {
    this.#open();
    this.#on.free(this);
    const { conn } = this.#client;
    return new Promise((resolve) => {
      conn?.once(conn instanceof TLSSocket ? "secureConnect" : "connect", () => resolve());
      conn?.once("close", () => resolve());
    });
  }

  #open(): void {
    this.#errorCode = undefined;
    this.#connected = true;
    this.#connect();
  }

  #drop(): void {
    this.#connected = false;
    this.#head = undefined;
    this.#client._destroyConnection();
    this.#client.parser.reinitialize("RESPONSE");
  }

  #answered(status: number, bytes: number): void {
    const times = this.#times;
    if (times === undefined || this.#head === undefined) return;
    this.#times = undefined;
    const { headers } = this.#head;
    const answer = { status, bytes, cache: field(headers, "x-cache"), backend: field(headers, "x-backend-server") };
    this.#on.answered(answer, times, this.#on.now());
  }

  /** A connection was begun, where there is nothing to do, or an answer came to its end. */
  #ready(): void {
    const head = this.#head;
    if (head === undefined) return;
    this.#head = undefined;
    if (!head.shouldKeepAlive) this.#drop();
    this.#on.free(this);
  }

  /** The connection ended, broke or timed out. */
  #lost(): void {
    const times = this.#times;
    const ended = this.#client.conn?.readableEnded === true;
    if (ended) this.#client.parser.finish();
    // The end of the connection was the end of the answer.
    if (this.#times !== times) return;
    this.#times = undefined;
    this.#drop();
    if (times !== undefined) {
      this.#on.failed(this.#errorCode ?? (ended ? "closed early" : "timeout"), times, this.#on.now());
    }
    this.#on.free(this);
  }
}

import { type Duplex, duplexPair } from "node:stream";
import type { FieldList } from "@headgate/http";
import type { TakeBytes } from "../../../../src/byte-reader.ts";
import type { ClientControl, ClientExchange, ClientRequest } from "../../../../src/upstream/client/client-exchange.ts";
import { ConnectionPool, type PoolOptions } from "../../../../src/upstream/client/connection-pool.ts";
import { settle } from "../../support/connections.ts";

/** An exchange that notes what it is told. */
export class NotedExchange implements ClientExchange {
  readonly request: ClientRequest;
  readonly told: string[] = [];
  body = "";
  error: (Error & { code?: string }) | null = null;
  control: ClientControl | null = null;
  queue: Pick<ClientControl, "abort"> | null = null;
  socket: Duplex | null = null;
  over = false;

  constructor(changes: Partial<ClientRequest>) {
    const request = { method: "GET", path: "/", fields: ["Host", "a"], repeated: null, upgrade: null, body: null };
    this.request = { ...request, ...changes };
  }

  onWaiting(queue: Pick<ClientControl, "abort">): void {
    this.queue = queue;
  }

  onSent(control: ClientControl): void {
    this.control = control;
    this.told.push("sent");
  }

  onBegun(): void {
    this.told.push("begun");
  }

  onInterim(status: number): void {
    this.told.push(String(status));
  }

  onHead(status: number): void {
    this.told.push(String(status));
  }

  onUpgrade(status: number, _fields: FieldList, socket: Duplex): void {
    this.socket = socket;
    this.#end(`upgrade ${status}`);
  }

  onData(chunk: Buffer): boolean {
    if (this.over) throw new Error("data after the end");
    this.body += chunk.toString("latin1");
    return true;
  }

  onEnd(): void {
    this.#end("end");
  }

  onError(error: Error): void {
    this.error = error;
    this.#end((this.error.code ?? error.message) as string);
  }

  /** How it ended; undefined while it runs. */
  get outcome(): string | undefined {
    return this.over ? this.told.at(-1) : undefined;
  }

  #end(how: string): void {
    if (this.over) throw new Error(`${how} after ${this.told.at(-1)}`);
    this.over = true;
    this.told.push(how);
  }
}

/** The backend's end of a connection in memory. */
export class MemoryBackend {
  readonly near: Duplex;
  readonly far: Duplex;
  received = "";
  closed = false;

  constructor() {
    [this.near, this.far] = duplexPair();
    this.near.on("close", () => {
      this.closed = true;
    });
    this.far.on("error", () => undefined);
  }

  read(): this {
    this.far.on("data", (chunk: Buffer) => {
      this.received += chunk.toString("latin1");
    });
    return this;
  }

  send(text: string): void {
    this.far.write(text, "latin1");
  }

  reply(body = "fine", fields = ""): void {
    this.send(`HTTP/1.1 200 OK\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`);
  }

  reset(): void {
    this.near.destroy(Object.assign(new Error("reset"), { code: "ECONNRESET" }));
  }

  get requests(): number {
    return this.received.split(" HTTP/1.1\r\n").length - 1;
  }
}

/** What was read is overwritten at once, as a socket may do. */
function takeAndSpoil(bytes: Buffer, take: TakeBytes): void {
  take(bytes, false);
  bytes.fill("#");
}

/** A pool whose connections lead to ends in memory. */
export class ClientScene {
  readonly opened: MemoryBackend[] = [];
  readonly pool: ConnectionPool;
  /** Whether connections are made; if not, they are awaited for ever. */
  connects = true;
  /** Whether backends read what is sent. */
  reads = true;

  constructor(changes: Partial<PoolOptions> = {}) {
    const options = { connectTimeout: 2000, headTimeout: 3000, bodyTimeout: 4000, keepAlive: 5000, connections: null };
    const connector = { ready: "connect" as const, open: (take: TakeBytes | null) => this.#open(take) };
    this.pool = new ConnectionPool("backend:80", connector, { ...options, ...changes });
  }

  #open(take: TakeBytes | null): Duplex {
    const backend = new MemoryBackend();
    if (take !== null) backend.near.on("data", (bytes: Buffer) => takeAndSpoil(bytes, take));
    if (this.reads) backend.read();
    this.opened.push(backend);
    if (this.connects) setImmediate(() => backend.near.emit("connect"));
    return backend.near;
  }

  at(index: number): MemoryBackend {
    const backend = this.opened[index];
    if (backend === undefined) throw new Error(`no connection ${index}`);
    return backend;
  }

  dispatch(changes: Partial<ClientRequest> = {}): NotedExchange {
    const exchange = new NotedExchange(changes);
    this.pool.dispatch(exchange);
    return exchange;
  }

  /** Dispatches it, and waits until it is on its way. */
  async ask(changes: Partial<ClientRequest> = {}): Promise<NotedExchange> {
    const exchange = this.dispatch(changes);
    await settle(8);
    return exchange;
  }

  /** One exchange from its beginning to its end, on the connection `index`. */
  async pass(index: number, fields = ""): Promise<void> {
    const exchange = await this.ask();
    this.at(index).reply("fine", fields);
    await settle(8);
    if (exchange.outcome !== "end") throw new Error(`the exchange ended by ${exchange.outcome}`);
  }
}

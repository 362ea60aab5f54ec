import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { GatewayResponse } from "../gateway-response.ts";
import { CLIENT_GOING_AWAY, FrameBoundary, SERVER_GOING_AWAY } from "./websocket-frames.ts";

/** How long a side may take to end once the other one has, ms. */
const LINGER = 1000;

/** An upgraded connection: both ends, joined. */
class Tunnel {
  readonly #client: Duplex;
  readonly #backend: Duplex;
  readonly #toClient = new FrameBoundary();
  readonly #toBackend = new FrameBoundary();
  #lingering = false;

  constructor(client: Duplex, backend: Duplex) {
    this.#client = client;
    this.#backend = backend;
  }

  /** @param idle longest silence of both sides, ms */
  join(idle: number): void {
    const client = this.#client;
    const backend = this.#backend;
    backend.on("data", (chunk: Buffer) => this.#toClient.pass(chunk));
    client.on("data", (chunk: Buffer) => this.#toBackend.pass(chunk));
    // `pipe` passes the end on; an end by error or reset is passed on by destroying the other side.
    backend.pipe(client);
    client.pipe(backend);
    client.on("end", () => this.#linger());
    backend.on("end", () => this.#linger());
    client.on("error", () => backend.destroy());
    backend.on("error", () => client.destroy());
    client.on("close", () => backend.destroy());
    backend.on("close", () => {
      client.end();
      this.#linger();
    });
    // All that passes, either way, passes the client's connection: its silence is that of both.
    if (isSocket(client)) client.setTimeout(idle);
    client.on("timeout", () => this.goAway());
  }

  /** A WebSocket knows no half: where one side has ended, the other may still take what is on its way to it, and no more. */
  #linger(): void {
    if (this.#lingering || this.#client.destroyed) return;
    this.#lingering = true;
    const timer = setTimeout(() => {
      this.#client.destroy();
      this.#backend.destroy();
    }, LINGER).unref();
    this.#client.on("close", () => clearTimeout(timer));
  }

  /** Tells both ends that it is over, if that does not cut a frame in two. */
  goAway(): void {
    if (this.#client.writable && this.#toClient.between) this.#client.write(SERVER_GOING_AWAY);
    if (this.#backend.writable && this.#toBackend.between) this.#backend.write(CLIENT_GOING_AWAY);
    this.#backend.end();
    this.#client.end();
    // Each side's reply has nowhere to go; unread it would hide that side's end, and the connection would stay.
    this.#client.unpipe().resume();
    this.#backend.unpipe().resume();
    this.#linger();
  }
}

/** Not so in memory, where nothing can be lost without a word. */
function isSocket(stream: Duplex): stream is Socket {
  return "setTimeout" in stream;
}

/** All upgraded connections, so that they can be told when the gateway stops. */
export class Tunnels {
  readonly #open = new Set<Tunnel>();

  get size(): number {
    return this.#open.size;
  }

  /**
   * Answers 101 with what the backend sent and joins both connections.
   * @param head bytes the client sent ahead
   * @param idle longest silence of both sides, ms; then both are told to go
   */
  open(client: Duplex, head: Buffer, response: GatewayResponse, backend: Duplex, idle: number): void {
    const tunnel = new Tunnel(client, backend);
    this.#open.add(tunnel);
    client.on("close", () => this.#open.delete(tunnel));
    client.write(switchingHead(response));
    if (head.length > 0) client.unshift(head);
    tunnel.join(idle);
  }

  goAway(): void {
    for (const tunnel of this.#open) tunnel.goAway();
  }
}

function switchingHead({ fields }: GatewayResponse): string {
  let head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
  for (let i = 0; i + 1 < fields.length; i += 2) head += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return `${head}\r\n`;
}

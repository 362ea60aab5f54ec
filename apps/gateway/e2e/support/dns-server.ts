import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { type Answer, decode, encode, type Packet, TRUNCATED_RESPONSE } from "dns-packet";

/** Header flags of an answer that failed (RFC 1035 §4.1.1). */
const SERVFAIL = 2;
const NXDOMAIN = 3;

/** A DNS server on loopback whose answers a test changes. */
export class DnsServer {
  port = 0;
  /** What was asked, such as `A api.test`, over TCP with ` tcp` behind it. */
  readonly asked: string[] = [];
  /** `fails` answers SERVFAIL, `silent` not at all. */
  mode: "well" | "fails" | "silent" = "well";
  /** Answers of UDP are cut short, so that they are asked for by TCP. */
  truncates = false;
  readonly #records = new Map<string, Answer[]>();
  readonly #udp: Socket = createSocket("udp4");
  readonly #tcp: Server = createServer();

  static async start(): Promise<DnsServer> {
    const server = new DnsServer();
    server.#tcp.listen(0, "127.0.0.1");
    await once(server.#tcp, "listening");
    server.port = (server.#tcp.address() as AddressInfo).port;
    server.#udp.bind(server.port, "127.0.0.1");
    await once(server.#udp, "listening");
    server.#serve();
    return server;
  }

  /** `host:port`, as the config names it. */
  get at(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** A name has these IPv4 addresses from now on. @param ttl seconds */
  addresses(name: string, addresses: readonly string[], ttl = 0): void {
    this.#records.set(
      `A ${name}`,
      addresses.map((data) => ({ type: "A", name, ttl, data })),
    );
  }

  /** A name has these services from now on. */
  services(
    name: string,
    services: readonly { target: string; port: number; priority?: number; weight?: number }[],
  ): void {
    this.#records.set(
      `SRV ${name}`,
      services.map((data) => ({ type: "SRV", name, ttl: 0, data })),
    );
  }

  /** Nothing is known of any name any more. */
  clear(): void {
    this.#records.clear();
  }

  async close(): Promise<void> {
    const closed = Promise.all([once(this.#tcp, "close"), once(this.#udp, "close")]);
    this.#tcp.close();
    this.#udp.close();
    await closed;
  }

  #serve(): void {
    this.#udp.on("message", (message, { port, address }) => {
      const reply = this.#reply(message, "");
      if (reply !== null) this.#udp.send(reply, port, address);
    });
    this.#tcp.on("connection", (socket) => {
      socket.on("error", () => socket.destroy());
      socket.once("data", (data: Buffer) => {
        const reply = this.#reply(data.subarray(2), " tcp");
        if (reply === null) return;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(reply.length);
        // In two pieces, as networks deliver.
        socket.write(Buffer.concat([length, reply.subarray(0, 5)]));
        setImmediate(() => socket.end(reply.subarray(5)));
      });
    });
  }

  #reply(message: Buffer, way: string): Buffer | null {
    const { id, questions = [] } = decode(message);
    const [question] = questions;
    const key = `${question?.type} ${question?.name}`;
    this.asked.push(key + way);
    if (this.mode === "silent") return null;
    const reply: Packet = { type: "response", ...(id === undefined ? {} : { id }), questions };
    if (this.mode === "fails") return encode({ ...reply, flags: SERVFAIL });
    if (this.truncates && way === "") return encode({ ...reply, flags: TRUNCATED_RESPONSE });
    const answers = this.#records.get(key);
    return encode(answers === undefined ? { ...reply, flags: NXDOMAIN } : { ...reply, answers });
  }
}

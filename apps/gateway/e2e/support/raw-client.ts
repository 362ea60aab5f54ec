import { once } from "node:events";
import { connect } from "node:net";
import { RawReader } from "./raw-reader.ts";

/** A response as it came over the wire. */
export interface RawResponse {
  readonly status: number;
  readonly head: string;
  readonly body: string;
  /** Field lines behind the last chunk. */
  readonly trailers: string;
}

/** A client that sends exactly the bytes it is told to. */
export class RawClient extends RawReader {
  static async open(port: number): Promise<RawClient> {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    await once(socket, "connect");
    return new RawClient(socket);
  }

  /** Reads one response framed by Content-Length, chunks or the connection's end. `bodiless` for answers to HEAD. */
  async readResponse(bodiless = false): Promise<RawResponse> {
    const head = await this.readHead();
    const status = Number(head.slice(9, 12));
    if (bodiless || status === 204 || status === 304 || status < 200) return { status, head, body: "", trailers: "" };
    const content = (await this.readContent(head)) ?? { body: await this.readToEnd(), trailers: "" };
    return { status, head, ...content };
  }
}

/** Sends `request` on a connection of its own and reads one response; the connection is closed afterwards. */
export async function exchange(port: number, request: string, bodiless = false): Promise<RawResponse> {
  const client = await RawClient.open(port);
  client.send(request);
  try {
    return await client.readResponse(bodiless);
  } finally {
    client.socket.destroy();
  }
}

/** Waits until `check` holds, looking every few milliseconds; fails after `ms`. */
export async function eventually(check: () => boolean | Promise<boolean>, what: string, ms = 5000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`after ${ms} ms it still did not hold that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

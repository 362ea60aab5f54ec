import { once } from "node:events";
import { connect } from "node:net";
import { RawReader } from "./raw-reader.ts";

/** A response as it came over the wire. */
export interface RawResponse {
  readonly status: number;
  readonly head: string;
  readonly body: string;
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
    if (bodiless || status === 204 || status === 304 || status < 200) return { status, head, body: "" };
    return { status, head, body: await this.#readBody(head) };
  }

  async #readBody(head: string): Promise<string> {
    const length = fieldOf(head, "content-length");
    if (length !== undefined) return this.readBytes(Number(length));
    if (fieldOf(head, "transfer-encoding")?.toLowerCase() !== "chunked") return this.readToEnd();
    let body = "";
    for (;;) {
      const size = Number.parseInt(await this.readUntil("\r\n"), 16);
      if (size === 0) {
        while ((await this.readUntil("\r\n")) !== "\r\n");
        return body;
      }
      body += await this.readBytes(size);
      await this.readUntil("\r\n");
    }
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

/** The value of the first field of this name in a head; undefined if there is none. */
export function fieldOf(head: string, name: string): string | undefined {
  return new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*\\r?$`, "im").exec(head)?.[1];
}

/** Waits until `check` holds, looking every few milliseconds; fails after `ms`. */
export async function eventually(check: () => boolean | Promise<boolean>, what: string, ms = 5000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`after ${ms} ms it still did not hold that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

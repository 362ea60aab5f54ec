import { once } from "node:events";
import type { Socket } from "node:net";

/** What follows a head. */
export interface Content {
  readonly body: string;
  /** Field lines behind the last chunk, each with its CRLF. */
  readonly trailers: string;
}

/** The byte side of a connection: reads what is asked for, in order, and fails where it will never come. */
export class RawReader {
  readonly socket: Socket;
  /** The other side has ended. */
  ended = false;
  closed = false;
  onHead: ((head: string) => void) | null = null;
  #buffer: Buffer = Buffer.alloc(0);
  #waiting: (() => void)[] = [];
  /** The CRLF behind the last chunk that was read is still to be read. */
  #withinChunk = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
      this.#wake();
    });
    socket.on("end", () => {
      this.ended = true;
      this.#wake();
    });
    socket.on("close", () => {
      this.closed = true;
      this.ended = true;
      this.#wake();
    });
    socket.on("error", () => undefined);
  }

  /** What has come and was not read. */
  get pending(): string {
    return this.#buffer.toString("latin1");
  }

  send(data: string | Buffer): void {
    this.socket.write(data, "latin1");
  }

  /** A head with its empty line. */
  async readHead(): Promise<string> {
    const head = await this.readUntil("\r\n\r\n");
    this.onHead?.(head);
    return head;
  }

  async readUntil(mark: string): Promise<string> {
    for (;;) {
      const at = this.#buffer.indexOf(mark, 0, "latin1");
      if (at >= 0) return this.#take(at + mark.length);
      await this.#more(`"${mark}"`);
    }
  }

  async readBytes(count: number): Promise<string> {
    while (this.#buffer.length < count) await this.#more(`${count} bytes`);
    return this.#take(count);
  }

  /** The content that a head announces by length or chunks; null where it announces none. */
  async readContent(head: string): Promise<Content | null> {
    const length = fieldOf(head, "content-length");
    if (length !== undefined) return { body: await this.readBytes(Number(length)), trailers: "" };
    if (fieldOf(head, "transfer-encoding")?.toLowerCase() !== "chunked") return null;
    let body = "";
    for (let chunk = await this.readChunk(); chunk !== ""; chunk = await this.readChunk()) body += chunk;
    let trailers = "";
    for (let line = await this.readUntil("\r\n"); line !== "\r\n"; line = await this.readUntil("\r\n"))
      trailers += line;
    return { body, trailers };
  }

  /** One chunk's data, before the CRLF behind it has come; "" for the last one, whose trailers are still to come. */
  async readChunk(): Promise<string> {
    if (this.#withinChunk) await this.readUntil("\r\n");
    const size = Number.parseInt(await this.readUntil("\r\n"), 16);
    this.#withinChunk = size > 0;
    return this.readBytes(size);
  }

  /** All that comes until the other side ends or the connection breaks. */
  async readToEnd(): Promise<string> {
    while (!this.ended) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.#take(this.#buffer.length);
  }

  /** Resolves when the connection is gone. */
  async untilClosed(): Promise<void> {
    if (!this.closed) await once(this.socket, "close");
  }

  #take(count: number): string {
    const taken = this.#buffer.subarray(0, count).toString("latin1");
    this.#buffer = this.#buffer.subarray(count);
    return taken;
  }

  async #more(wanted: string): Promise<void> {
    if (this.ended)
      throw new Error(
        `the connection ended while ${wanted} were awaited; what had come: ${JSON.stringify(this.pending)}`,
      );
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

/** The value of the first field of this name in a head; undefined if there is none. */
export function fieldOf(head: string, name: string): string | undefined {
  return fieldsOf(head, name)[0];
}

/** The values of all fields of this name in a head. */
export function fieldsOf(head: string, name: string): string[] {
  const lines = head.split("\r\n").slice(1);
  return lines
    .filter((line) => line.toLowerCase().startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 1).trim());
}

/** The names of all fields in a head, in lower case. */
export function fieldNames(head: string): string[] {
  const lines = head.split("\r\n").slice(1);
  return lines.filter((line) => line !== "").map((line) => line.slice(0, line.indexOf(":")).toLowerCase());
}

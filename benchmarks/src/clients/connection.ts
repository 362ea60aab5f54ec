import { connect, type Socket } from "node:net";

/** One keep-alive connection that has one request at a time. Reads answers with a Content-Length, as the origin's are. */
export class Connection {
  readonly #socket: Socket;
  #missing = 0;
  #head = "";
  #status = 0;
  #answered: ((status: number) => void) | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    // A broken connection tells so by the status 0.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#finish(0));
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true });
      socket.once("error", reject);
      socket.once("connect", () => resolve(new Connection(socket.off("error", reject))));
    });
  }

  get isClosed(): boolean {
    return this.#socket.destroyed;
  }

  /** `answered` gets the status once the whole answer is there; 0: the connection broke. */
  send(request: string, answered: (status: number) => void): void {
    this.#answered = answered;
    this.#socket.write(request, "latin1");
  }

  #read(chunk: Buffer): void {
    if (this.#missing > 0) this.#missing -= chunk.length;
    else {
      this.#head += chunk.toString("latin1");
      const end = this.#head.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.#status = Number(this.#head.slice(9, 12));
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(this.#head)?.[1] ?? 0);
      this.#missing = length - (this.#head.length - end - 4);
      this.#head = "";
    }
    if (this.#missing <= 0) this.#finish(this.#status);
  }

  #finish(status: number): void {
    const answered = this.#answered;
    this.#answered = null;
    this.#missing = 0;
    answered?.(status);
  }
}

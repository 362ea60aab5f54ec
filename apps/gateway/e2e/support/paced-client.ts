import { Agent, get } from "node:http";

/** What became of one request; an empty id where none was told. */
export interface PacedAnswer {
  readonly status: number;
  readonly id: string;
  readonly error: string;
}

/** One client with one kept connection, which asks again and again at fixed times. */
export class PacedClient {
  readonly answers: PacedAnswer[] = [];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;
  #timer: NodeJS.Timeout | null;
  #open = 0;

  /** @param every ms from one request to the next */
  constructor(port: number, every: number) {
    this.#port = port;
    this.#timer = setInterval(() => this.#ask(), every);
  }

  /** Asks no more; resolves when all answers are in. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    while (this.#open > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    this.#agent.destroy();
  }

  #ask(): void {
    this.#open++;
    const over = (status: number, id: string, error: string): void => {
      this.#open--;
      this.answers.push({ status, id, error });
    };
    const request = get({ host: "127.0.0.1", port: this.#port, agent: this.#agent }, (response) => {
      const id = String(response.headers["x-request-id"] ?? "");
      response.resume();
      response.once("close", () => over(response.complete ? (response.statusCode ?? 0) : 0, id, ""));
    });
    request.on("error", (error) => over(0, "", error.message));
  }
}

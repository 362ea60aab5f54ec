import { type Agent, type IncomingMessage, type OutgoingHttpHeaders, request as send } from "node:http";
import { keptConnections } from "./http-client.ts";

/** What one request of the load came to; times in ms of `performance.now()`. */
export interface Outcome {
  readonly id: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** 0 where no whole response came. */
  readonly status: number;
  /** The connection's error, or what the gateway's problem says; empty after a 2xx. */
  readonly problem: string;
  /** X-Backend-Server; empty where there is none. */
  readonly backend: string;
  /** The whole body of a 2xx. */
  readonly text: string;
  /** Retry-After; empty where there is none. */
  readonly retryAfter: string;
}

export interface LoadRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

export interface LoadOptions {
  readonly port: number;
  /** Requests a second, whatever becomes of those before. */
  readonly rps: number;
  /** Requests in flight at most: where the machine cannot keep up, the rate gives way. Default: any number. */
  readonly most?: number;
  /** The request of this id; each id is used once. */
  readonly make: (id: string) => LoadRequest;
}

const TICK = 5;

/** An open load: requests leave at fixed times, however long the answers take. */
export class OpenLoad {
  readonly outcomes: Outcome[] = [];
  readonly #options: LoadOptions;
  readonly #agent: Agent = keptConnections();
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  #sent = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#sendDue(), TICK);
  }

  get sent(): number {
    return this.#sent;
  }

  /** Everything that is not a 2xx. */
  get failures(): Outcome[] {
    return this.outcomes.filter(({ status }) => status < 200 || status > 299);
  }

  /** What the given share of requests took no longer than, ms. */
  quantile(share: number, outcomes: readonly Outcome[] = this.outcomes): number {
    const took = outcomes.map(({ startedAt, endedAt }) => endedAt - startedAt).sort((a, b) => a - b);
    return took[Math.min(took.length - 1, Math.floor(share * took.length))] ?? Number.NaN;
  }

  /** How many responses came from a backend. */
  servedBy(backend: string): number {
    return this.outcomes.filter((outcome) => outcome.backend === backend).length;
  }

  /** Waits until so many more requests are over. */
  async goesOn(more: number): Promise<void> {
    const goal = this.outcomes.length + more;
    while (this.outcomes.length < goal) await new Promise((resolve) => setTimeout(resolve, TICK));
  }

  /** Sends no more; resolves when every request is over, with the rate that was sent. */
  async stop(): Promise<number> {
    clearInterval(this.#timer);
    const rate = (this.#sent * 1000) / (performance.now() - this.#startedAt);
    await this.goesOn(this.#sent - this.outcomes.length);
    this.#agent.destroy();
    return rate;
  }

  #sendDue(): void {
    const due = ((performance.now() - this.#startedAt) / 1000) * this.#options.rps;
    const { most = Number.POSITIVE_INFINITY } = this.#options;
    while (this.#sent < due && this.#sent - this.outcomes.length < most) this.#send(`id-${this.#sent++}`);
  }

  #send(id: string): void {
    const { port, make } = this.#options;
    const { method, path, headers = {}, body } = make(id);
    const startedAt = performance.now();
    let told = false;
    const over = (came: Came): void => {
      if (told) return;
      told = true;
      this.outcomes.push({ id, startedAt, endedAt: performance.now(), ...NOTHING, ...came });
    };
    const options = { host: "127.0.0.1", port, method, path, headers, agent: this.#agent };
    const request = send(options, (response) => readWhole(response, over));
    request.on("error", (error) => over({ problem: error.message }));
    request.end(body);
  }
}

type Came = Partial<Outcome>;

const NOTHING = { status: 0, problem: "", backend: "", text: "", retryAfter: "" };

function readWhole(response: IncomingMessage, over: (came: Came) => void): void {
  const status = response.statusCode ?? 0;
  const { "x-backend-server": server = "", "retry-after": retryAfter = "" } = response.headers;
  const backend = String(server);
  let text = "";
  response.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  response.on("close", () => {
    if (!response.complete) over({ problem: `broken off after the head of a ${status}`, backend });
    else if (status < 300) over({ status, backend, text });
    else over({ status, backend, problem: text, retryAfter });
  });
  response.on("error", () => undefined);
}

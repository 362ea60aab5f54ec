import type { ConfigInput } from "../../src/config/schema.ts";
import { type RunningGateway, startGateway, testConfig } from "./gateway.ts";
import { type Answer, type AskOptions, ask } from "./http-client.ts";
import { type Answering, type PlainBackend, startPlainBackend } from "./plain-backend.ts";

/** A gateway before one backend whose answers a test writes path by path. */
export class Origin {
  readonly gateway: RunningGateway;
  readonly backend: PlainBackend;
  readonly #answers: Map<string, Answering>;

  static async start(config: ConfigInput = {}, env: Record<string, string> = {}): Promise<Origin> {
    const answers = new Map<string, Answering>();
    const backend = await startPlainBackend((request, response) => {
      const { pathname } = new URL(request.url, "http://origin");
      const answer = answers.get(pathname);
      if (answer === undefined) throw new Error(`no answer was written for ${pathname}`);
      return answer(request, response);
    });
    const gateway = await startGateway(testConfig([backend.port], { cache: {}, ...config }), env);
    return new Origin(gateway, backend, answers);
  }

  constructor(gateway: RunningGateway, backend: PlainBackend, answers: Map<string, Answering>) {
    this.gateway = gateway;
    this.backend = backend;
    this.#answers = answers;
  }

  /** What the backend answers at `path`, whatever the query. */
  at(path: string, answer: Answering): void {
    this.#answers.set(path, answer);
  }

  /** Answers of 200 with these fields and a body that counts: `1`, `2`, ... */
  counts(path: string, fields: Record<string, string | string[]> = {}): void {
    let count = 0;
    this.at(path, (_request, response) => void response.writeHead(200, fields).end(String(++count)));
  }

  get(path: string, headers: AskOptions["headers"] = {}, options: AskOptions = {}): Promise<Answer> {
    return ask(this.url(path), { ...options, headers });
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.gateway.http}${path}`;
  }

  /** How many requests for `path` have reached the backend, query included. */
  asked(path: string): number {
    return this.backend.seen(path).length;
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    await this.backend.close();
  }
}

/** What an answer tells of the cache: X-Cache and body. */
export const told = ({ headers, text }: Answer): string => `${headers["x-cache"]} ${text}`;

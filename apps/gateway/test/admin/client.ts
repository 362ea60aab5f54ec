import { once } from "node:events";
import { request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type AdminParts, createAdminServer } from "../../src/admin/admin-server.ts";
import type { CacheAdmin, PurgeMode, PurgeSelector } from "../../src/admin/cache-admin.ts";
import { LiveStats } from "../../src/observability/live-stats.ts";
import { createLogger } from "../../src/observability/log.ts";
import { anExchange } from "../observability/records.ts";
import { aBackend, FakeControl } from "./fake-control.ts";

const RESULTS = [
  { result: "HIT", reason: "", count: 7 },
  { result: "MISS", reason: "uri-miss", count: 5 },
  { result: "MISS", reason: "private", count: 2 },
];

/** Validations in the background. */
export const REFRESHES = { refreshed: 4, replaced: 3, elsewhere: 0, unstored: 1, failed: 2 };

/** What is shared, while it is out of reach. */
export const REDIS = {
  ...{ state: "down" as const, why: "connect ECONNREFUSED", writable: false, subscribed: false },
  ...{ commands: 9, failures: { timeout: 5, down: 20 }, hits: 3, misses: 1, unreadable: 0 },
  ...{ pendingWrites: 2, pendingBytes: 300, droppedWrites: 4, owedPurges: 1 },
};

/** A cache that writes down what it was asked to purge. */
export class FakeCache implements CacheAdmin {
  purges: [PurgeSelector, PurgeMode][] = [];

  stats() {
    return {
      entries: 2,
      maxEntries: 1000,
      bytes: 5_000,
      maxBytes: 67_108_864,
      evictions: 0,
      filling: 1,
      fillingBytes: 2048,
      refreshes: REFRESHES,
      redis: REDIS,
    };
  }

  async purge(selector: PurgeSelector, mode: PurgeMode): Promise<number> {
    this.purges.push([selector, mode]);
    return 3;
  }
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  json: unknown;
}

export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** A running admin listener on a port of the system's choice, with fakes behind it. */
export class TestAdmin {
  readonly control = new FakeControl(aBackend(8000), aBackend(8001));
  readonly cache = new FakeCache();
  readonly log: string[] = [];
  readonly server: Server;

  constructor(changes: Partial<AdminParts> = {}) {
    const live = new LiveStats(0);
    live.record(anExchange());
    this.server = createAdminServer({
      control: this.control,
      cache: this.cache,
      live: () => live.snapshot(2_000),
      metrics: {
        contentType: "text/plain; version=0.0.4; charset=utf-8",
        metrics: async () => "headgate_ready 1\n",
        cacheResults: () => RESULTS,
      },
      explain: () => Promise.reject(new Error("not asked in this test")),
      workers: () => [],
      logger: createLogger({ destination: { write: (line) => this.log.push(line) } }),
      host: "127.0.0.1",
      ...changes,
    });
  }

  async start(): Promise<this> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Sends one request, with any fields at all. */
  ask(path: string, { method = "GET", headers = {}, body }: Ask = {}): Promise<Answer> {
    // Left to itself, node:http gives the body of a DELETE no framing at all.
    const framing =
      body === undefined || "Transfer-Encoding" in headers ? {} : { "Content-Length": Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: "127.0.0.1", port: this.port, path, method, headers: { ...framing, ...headers }, agent: false },
        async (response) => {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk);
          const text = Buffer.concat(chunks).toString();
          const isJson = response.headers["content-type"]?.includes("json") === true;
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: text,
            json: isJson && text !== "" ? JSON.parse(text) : undefined,
          });
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  }

  /** Sends JSON. */
  send(method: string, path: string, value: unknown): Promise<Answer> {
    return this.ask(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) });
  }
}

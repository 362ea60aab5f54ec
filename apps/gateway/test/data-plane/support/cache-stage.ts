import { compilePolicy, type LeaseStore, MemoryStore } from "@headgate/cache";
import { type FieldList, getField } from "@headgate/http";
import { type BodySource, isSource } from "../../../src/body.ts";
import { FillBudget } from "../../../src/caching/fill-budget.ts";
import { GuardedStore } from "../../../src/caching/guarded-store.ts";
import { RefreshTally } from "../../../src/caching/refresh-tally.ts";
import { compose, type Ring } from "../../../src/compose.ts";
import type { Exchange } from "../../../src/exchange.ts";
import { ClientGone } from "../../../src/gateway-error.ts";
import type { GatewayResponse } from "../../../src/gateway-response.ts";
import type { Generation } from "../../../src/generation.ts";
import { cache } from "../../../src/layers/cache.ts";
import { Coalescer } from "../../../src/layers/coalesce.ts";
import { purge } from "../../../src/layers/purge.ts";
import type { UpstreamRequest, UpstreamResponse } from "../../../src/upstream/upstream-request.ts";
import { RecordingSink, ScriptedSource } from "./bodies.ts";
import { aGeneration, aRoute, aRoutedExchange, type ExchangeChanges } from "./exchanges.ts";
import { TestClock } from "./upstream.ts";

/** Lets all that can go on go on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A request that has come to the backend, to be answered by the test. */
export class Upstream {
  readonly request: UpstreamRequest;
  /** The whole of what the backend was sent. */
  readonly content: string;
  readonly response: Promise<UpstreamResponse>;
  #resolve: (response: UpstreamResponse) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  answered = false;
  body: ScriptedSource | null = null;

  constructor(request: UpstreamRequest) {
    this.request = request;
    const open = request.body?.open();
    this.content = Buffer.isBuffer(open) ? open.toString() : "";
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    request.cancellation.onCancel(() => this.fail(request.cancellation.reason ?? new Error("cancelled")));
  }

  field(name: string): string | undefined {
    return getField(this.request.fields, name);
  }

  /** Answers with a body that is whole, or still to come where none is given. */
  reply(status: number, fields: FieldList, text?: string): this {
    this.answered = true;
    const whole = text === undefined ? null : Buffer.from(text);
    if (whole === null) this.body = new ScriptedSource();
    const body = status === 304 ? null : (whole ?? this.body);
    const takeBody = (): Buffer | BodySource | null => body;
    const arrived = { whole: whole !== null, whenOver: () => undefined };
    this.#resolve({ status, fields: [...fields], backend: "127.0.0.1:8000", tunnel: null, ...arrived, takeBody });
    return this;
  }

  fail(error: unknown): void {
    this.answered = true;
    this.#reject(error);
  }
}

/** One client's request and what became of it. */
export class Client {
  readonly exchange: Exchange;
  readonly done: Promise<void>;
  response: GatewayResponse | null = null;
  error: unknown = null;
  sink: RecordingSink | null = null;
  #text: string | null = null;

  constructor(ring: Ring, exchange: Exchange) {
    this.exchange = exchange;
    this.done = this.#run(ring);
  }

  async #run(ring: Ring): Promise<void> {
    try {
      const response = await ring.run(this.exchange);
      this.response = response;
      const { body } = response;
      if (!isSource(body)) this.#text = body?.toString() ?? "";
      else if (this.exchange.cancellation.cancelled) body.cancel(new ClientGone());
      else {
        this.sink = new RecordingSink();
        body.pipe(this.sink);
        await this.sink.whenOver();
      }
    } catch (error) {
      this.error = error;
    }
    ring.finish(this.exchange);
  }

  /** The whole body; null where none came, or not all of it. */
  get text(): string | null {
    if (this.sink !== null) return this.sink.ended ? this.sink.text : null;
    return this.#text;
  }

  get status(): number {
    return this.response?.status ?? 0;
  }

  /** X-Cache, and the body. */
  get told(): string {
    return `${this.field("x-cache")} ${this.text}`;
  }

  field(name: string): string | undefined {
    return getField(this.response?.fields ?? [], name);
  }

  leave(): void {
    this.exchange.cancellation.cancel(new ClientGone());
    const body = this.response?.body ?? null;
    if (isSource(body)) body.cancel(new ClientGone());
  }
}

export interface StageOptions {
  readonly policy?: Parameters<typeof compilePolicy>[0];
  /** Bytes for all fills together. */
  readonly room?: number;
  readonly generation?: Generation;
  /** How it takes turns with other gateways. */
  readonly leases?: LeaseStore;
}

/** The cache's layers in one ring, before a backend that the test plays. */
export class CacheStage {
  readonly clock = new TestClock(1_700_000_000_000);
  readonly memory = new MemoryStore();
  readonly store = new GuardedStore(this.memory);
  readonly budget: FillBudget;
  readonly refreshes = new RefreshTally();
  readonly failures: unknown[] = [];
  /** All that came to the backend, in order. */
  readonly upstream: Upstream[] = [];
  readonly #generation: Generation;
  readonly #ring: Ring;

  constructor({ policy, room = 1_000_000, generation, leases }: StageOptions = {}) {
    this.budget = new FillBudget(room);
    this.#generation =
      generation ?? aGeneration({ routes: [aRoute({ cache: compilePolicy(policy), mayPurge: () => true })] });
    const fetch = (request: UpstreamRequest): Promise<UpstreamResponse> => {
      const next = new Upstream(request);
      this.upstream.push(next);
      return next.response;
    };
    const { clock, store, budget } = this;
    const parts = { clock, store, budget, storeFailed: (error: unknown) => void this.failures.push(error) };
    const coalescer = new Coalescer({ ...parts, fetch, leases, refreshes: this.refreshes });
    this.#ring = compose([purge(parts), cache({ ...parts, refresher: coalescer })], (exchange) =>
      coalescer.answer(exchange),
    );
  }

  /** Starts a request. */
  send(target: string, changes: ExchangeChanges & { identity?: string | null } = {}): Client {
    const { identity = null, ...rest } = changes;
    const exchange = aRoutedExchange({ target, generation: this.#generation, clock: this.clock, ...rest });
    exchange.identity = identity;
    return new Client(this.#ring, exchange);
  }

  /** Requests what is stored, or makes the backend answer so. */
  async ask(
    target: string,
    changes: ExchangeChanges & { identity?: string | null } = {},
    reply = aPage(),
  ): Promise<Client> {
    const client = this.send(target, changes);
    await settle();
    for (const upstream of this.upstream) if (!upstream.answered) upstream.reply(...reply);
    await client.done;
    return client;
  }

  /** The last that came to the backend. */
  get last(): Upstream {
    const last = this.upstream.at(-1);
    if (last === undefined) throw new Error("nothing has come to the backend");
    return last;
  }
}

/** What a backend answers: 200 with a lifetime of 60 s, and "page". */
export function aPage(fields: FieldList = ["Cache-Control", "max-age=60"], text = "page"): [number, FieldList, string] {
  return [200, fields, text];
}

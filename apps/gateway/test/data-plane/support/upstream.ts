import { type BackendId, type Policy, Pool, RetryBudget, RoundRobin } from "@headgate/balancer";
import { FakeClock } from "@headgate/testing";
import { Cancellation } from "../../../src/cancellation.ts";
import type { Clock } from "../../../src/clock.ts";
import type { AttemptRecord } from "../../../src/observability/exchange-record.ts";
import type { Attempt } from "../../../src/upstream/attempt.ts";
import type { ClientControl } from "../../../src/upstream/client/client-exchange.ts";
import { BackendConnections } from "../../../src/upstream/send-pass.ts";
import type { PoolRules, UpstreamPool, WaitingAttempt } from "../../../src/upstream/upstream-pool.ts";
import type { UpstreamRequest } from "../../../src/upstream/upstream-request.ts";
import { WaitingList } from "../../../src/waiting-list.ts";

/** Both clocks of the gateway, standing still until moved. */
export class TestClock extends FakeClock implements Clock {
  readonly tick = (): number => this.now();
}

/** An error as node or the client reports it. */
export function coded(code: string, message = `an error with the code ${code}`): Error {
  return Object.assign(new Error(message), { code });
}

/** What the client lets an attempt do, which it ends at once when it is aborted. */
export class FakeControl implements ClientControl {
  aborted: Error | null = null;
  paused = false;
  resumed = 0;
  over = false;
  /** Called when what was paused is resumed. */
  onResume: (() => void) | null = null;
  readonly #attempt: Attempt;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
  }

  abort(reason: Error): void {
    if (this.aborted !== null || this.over) return;
    this.aborted = reason;
    this.over = true;
    this.#attempt.onError(reason);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.resumed++;
    this.onResume?.();
  }
}

/** One attempt, driven as the client drives it. */
export class DrivenAttempt {
  readonly attempt: Attempt;
  readonly control: FakeControl;

  constructor(attempt: Attempt) {
    this.attempt = attempt;
    this.control = new FakeControl(attempt);
  }

  start(): this {
    this.attempt.onSent(this.control);
    return this;
  }

  head(status = 200, ...fields: string[]): this {
    this.attempt.onBegun();
    if (status < 200) this.attempt.onInterim(status, fields);
    else this.attempt.onHead(status, fields);
    return this;
  }

  data(...chunks: string[]): this {
    for (const chunk of chunks) this.attempt.onData(Buffer.from(chunk));
    return this;
  }

  end(...trailers: string[]): this {
    this.control.over = true;
    this.attempt.onEnd(trailers.length > 0 ? trailers : null);
    return this;
  }

  fail(error: Error): this {
    this.control.over = true;
    this.attempt.onError(error);
    return this;
  }
}

/** Connections that open none: each attempt is handed to the test. */
export class ScriptedConnections extends BackendConnections {
  readonly #act: (attempt: DrivenAttempt, id: string) => void;

  constructor(id: string, act: (attempt: DrivenAttempt, id: string) => void) {
    super(id, `http://${id}`, {
      ...{ connectTimeout: 1000, headTimeout: 1000, bodyTimeout: 1000, keepAlive: 1000, responseBuffer: 10 },
      connections: null,
      tls: { verify: true },
    });
    this.#act = act;
  }

  override dispatch(attempt: Attempt): void {
    this.#act(new DrivenAttempt(attempt), this.id);
  }
}

export const backendId = (port: number): BackendId => `127.0.0.1:${port}` as BackendId;

/** What a pool follows whose config asks for nothing. */
export const PLAIN_RULES: PoolRules = {
  ...{ hold: null, retryOn: undefined, retryStatuses: null, perTry: undefined, total: undefined },
  ...{ hashKey: null, sessions: null, gate: null, latencies: null, readsLoad: false },
};

/** A pool in use, with what was reported to its health. */
export class TestPool implements UpstreamPool {
  readonly name = "default";
  retries = 2;
  readonly balancer: Pool;
  readonly waiting: WaitingList<WaitingAttempt> = new WaitingList();
  rules: PoolRules = PLAIN_RULES;
  budget = new RetryBudget();
  readonly refused: BackendId[] = [];
  /** How attempts ended otherwise: backend, status, ms. */
  readonly ended: [BackendId, number | null, number][] = [];
  /** Whether a backend that refused is put aside, as by the health checks. */
  ejects = true;
  /** How often somebody waited for first probes. */
  waits = 0;
  settled: Promise<void> = Promise.resolve();
  readonly #connections = new Map<string, BackendConnections>();

  /** @param act what becomes of each attempt */
  constructor(
    ports: readonly number[],
    act: (attempt: DrivenAttempt, id: string) => void = () => undefined,
    policy: Policy = new RoundRobin(),
  ) {
    this.balancer = new Pool("default", policy);
    for (const port of ports) {
      const id = backendId(port);
      this.balancer.add({ id, url: `http://${id}` });
      this.balancer.setAvailable(id, true);
      this.#connections.set(id, new ScriptedConnections(id, act));
    }
  }

  readonly health = {
    settled: true,
    gathering: false as boolean,
    whenSettled: (): Promise<void> => {
      this.waits++;
      return this.settled;
    },
    reportRefused: (id: BackendId): void => {
      this.refused.push(id);
      if (this.ejects) this.balancer.setEjected(id, true);
    },
    attemptEnded: (id: BackendId, status: number | null, latency: number): void => {
      this.ended.push([id, status, latency]);
    },
  };

  connectionsOf({ id }: { id: BackendId }): BackendConnections {
    const connections = this.#connections.get(id);
    if (connections === undefined) throw new Error(`no connections to ${id}`);
    return connections;
  }
}

/** A GET of `/`, with what a test changes. */
export function aRequest(changes: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return {
    method: "GET",
    path: "/",
    fields: ["Host", "example.com"],
    repeated: null,
    client: "192.0.2.1",
    session: null,
    idempotencyKey: false,
    incoming: null,
    body: null,
    retry: null,
    pool: new TestPool([]),
    mirror: null,
    limits: { replay: 100, responseBuffer: 10 },
    cancellation: new Cancellation(),
    hedge: false,
    upgrade: null,
    attempts: [],
    interim: null,
    ...changes,
  };
}

export function anAttemptRecord(backend = "127.0.0.1:8000"): AttemptRecord {
  return { backend, startedAt: 0, hedge: false, sentAt: null, headAt: null, outcome: "ok", status: null, retry: null };
}

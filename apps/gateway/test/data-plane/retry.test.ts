import { type AttemptFailure, RetryBudget } from "@headgate/balancer";
import { isSource } from "../../src/body.ts";
import { Cancellation } from "../../src/cancellation.ts";
import { ClientGone, GatewayError } from "../../src/gateway-error.ts";
import { retry } from "../../src/layers/retry.ts";
import { AttemptError } from "../../src/upstream/attempt-error.ts";
import type { UpstreamRequest, UpstreamResponse } from "../../src/upstream/upstream-request.ts";
import { recordingOf, ScriptedSource } from "./support/bodies.ts";
import { anAttemptRecord, aRequest, TestClock, TestPool } from "./support/upstream.ts";
import { virtualTimers } from "./support/virtual-timers.ts";

const virtual = virtualTimers();

const REFUSED: AttemptFailure = { phase: "connect", kind: "refused", bytesSent: false };
const RESET: AttemptFailure = { phase: "sent", kind: "reset", bytesSent: true };
const GARBLED: AttemptFailure = { phase: "head", kind: "bad-response", bytesSent: true };
const ANSWER = { status: 200 } as UpstreamResponse;

/** One attempt's fate: how it fails, or what else it rejects with; null for an answer. */
type Fate = AttemptFailure | Error | null;

/** Makes attempts that meet their fates in order, the n-th at port 8000 + n. */
class Scene {
  readonly pool = new TestPool([8000, 8001, 8002, 8003]);
  readonly cancellation = new Cancellation();
  readonly tried: (readonly string[] | null)[] = [];
  readonly request: UpstreamRequest;
  readonly outcome: Promise<string>;
  state = "pending";
  onAttempt: (request: UpstreamRequest) => void = () => undefined;

  constructor(fates: readonly Fate[], changes: Partial<UpstreamRequest> = {}, prepare?: (scene: Scene) => void) {
    this.request = aRequest({ pool: this.pool, cancellation: this.cancellation, ...changes });
    prepare?.(this);
    const left = [...fates];
    const fetch = retry({
      clock: new TestClock(),
      random: () => 0,
      tryOnce: (request, tried) => {
        this.tried.push(tried === null ? null : [...tried]);
        return this.#attempt(request, left.shift() ?? null);
      },
    });
    this.outcome = fetch(this.request).then(
      ({ status }) => `${status}`,
      (error: unknown) => (error instanceof GatewayError ? error.code : String(error)),
    );
    void this.outcome.then((state) => {
      this.state = state;
    });
  }

  #attempt(request: UpstreamRequest, fate: Fate): Promise<UpstreamResponse> {
    const backend = `127.0.0.1:${8000 + request.attempts.length}`;
    request.attempts.push(anAttemptRecord(backend));
    this.onAttempt(request);
    if (fate === null) return Promise.resolve(ANSWER);
    if (fate instanceof Error) return Promise.reject(fate);
    return Promise.reject(new AttemptError(backend, fate, new Error("as told")));
  }

  get reasons(): (string | null)[] {
    return this.request.attempts.map(({ retry: reason }) => reason);
  }
}

test("an answer is the answer, and no plan is asked", async () => {
  const scene = new Scene([null]);
  expect([await scene.outcome, scene.tried, scene.reasons]).toEqual(["200", [null], [null]]);
});

test("a refusal leads to another backend at once, which is told whom was tried", async () => {
  const scene = new Scene([REFUSED, REFUSED, null]);
  expect(await scene.outcome).toBe("200");
  expect(scene.tried).toEqual([null, ["127.0.0.1:8000"], ["127.0.0.1:8000", "127.0.0.1:8001"]]);
  expect(scene.reasons).toEqual(["failover", "failover", null]);
});

test("after two retries it is over, and the client is told of the last attempt", async () => {
  const scene = new Scene([REFUSED, REFUSED, REFUSED, null]);
  expect(await scene.outcome).toContain("refused at 127.0.0.1:8002");
  expect(scene.reasons).toEqual(["failover", "failover", "no-attempts-left"]);
});

test("a pool without retries makes one attempt", async () => {
  const scene = new Scene([REFUSED, null], {}, ({ pool }) => {
    pool.retries = 0;
  });
  expect(await scene.outcome).toContain("refused at 127.0.0.1:8000");
});

test("a reset is tried again after a wait, which grows", async () => {
  const scene = new Scene([RESET, RESET, null]);
  await virtual.time.advanceAsync(24);
  expect(scene.tried).toHaveLength(1);
  await virtual.time.advanceAsync(1);
  expect(scene.tried).toHaveLength(2);
  await virtual.time.advanceAsync(25);
  expect(await scene.outcome).toBe("200");
  expect(scene.reasons).toEqual(["backoff", "backoff", null]);
});

test("a client that leaves during the wait ends it", async () => {
  const scene = new Scene([RESET, null]);
  await virtual.time.advanceAsync(1);
  scene.cancellation.cancel(new ClientGone());
  expect(await scene.outcome).toContain("the client went away");
  expect(scene.tried).toHaveLength(1);
});

test.each<[string, AttemptFailure, string, string | null]>([
  ["POST", REFUSED, "200", "failover"],
  ["POST", RESET, "reset", "not-idempotent"],
  ["PATCH", RESET, "reset", "not-idempotent"],
  ["PUT", RESET, "200", "backoff"],
  ["DELETE", RESET, "200", "backoff"],
  ["GET", RESET, "200", "backoff"],
  ["GET", GARBLED, "bad-response", "failure-not-retried"],
  ["UNHEARD-OF", RESET, "reset", "not-idempotent"],
])("%s after %j: %s", async (method, failure, expected, reason) => {
  const scene = new Scene([failure, null], { method });
  await virtual.time.advanceAsync(100);
  expect(await scene.outcome).toContain(expected);
  expect(scene.reasons[0]).toBe(reason);
});

test("without budget there is no retry", async () => {
  const scene = new Scene([REFUSED, null], {}, ({ pool }) => {
    pool.budget = new RetryBudget({ share: 0, minPerSecond: 0 });
  });
  expect(await scene.outcome).toContain("refused at 127.0.0.1:8000");
  expect(scene.reasons).toEqual(["budget"]);
});

test("each exchange earns its share of the budget once, however many attempts it makes", async () => {
  const budget = new RetryBudget({ share: 1, minPerSecond: 0 });
  const scene = new Scene([REFUSED, REFUSED, null], {}, ({ pool }) => {
    pool.budget = budget;
  });
  expect(await scene.outcome).toContain("refused at 127.0.0.1:8001");
  expect(scene.reasons).toEqual(["failover", "budget"]);
});

test("a backend that refused and is put aside is no fault to tell: 503, come again", async () => {
  const scene = new Scene([REFUSED, REFUSED, REFUSED]);
  scene.onAttempt = ({ attempts }) => {
    scene.pool.balancer.setEjected(scene.pool.balancer.backends[attempts.length - 1]?.id ?? ("" as never), true);
  };
  expect(await scene.outcome).toBe("no-healthy-backend");
});

test("what is no attempt's failure ends it at once, as it is", async () => {
  for (const error of [new ClientGone(), new GatewayError("no-healthy-backend", "x"), new TypeError("bug")]) {
    const scene = new Scene([error, null]);
    await scene.outcome;
    expect(scene.tried).toHaveLength(1);
    await expect(scene.outcome).resolves.toBe(error instanceof GatewayError ? error.code : String(error));
  }
});

describe("the body", () => {
  /** A client's body that a test feeds. */
  class Incoming extends ScriptedSource {
    readonly length: number | null;

    constructor(length: number | null) {
      super();
      this.length = length;
    }
  }

  test("of known length is read whole before the first attempt, and goes out with each", async () => {
    const incoming = new Incoming(3);
    const sent: string[] = [];
    const scene = new Scene([REFUSED, null], { method: "PUT", incoming }, (self) => {
      self.onAttempt = ({ body }) => sent.push(String(body?.open()));
    });
    await virtual.time.advanceAsync(0);
    expect(scene.tried).toEqual([]);
    incoming.push("abc");
    incoming.end();
    expect([await scene.outcome, sent]).toEqual(["200", ["abc", "abc"]]);
  });

  test("that broke off ends the exchange without an attempt", async () => {
    const incoming = new Incoming(3);
    const scene = new Scene([null], { incoming });
    incoming.fail(new ClientGone());
    expect(await scene.outcome).toContain("the client went away");
    expect(scene.tried).toEqual([]);
  });

  test("that is streamed and has gone beyond what is kept is not sent again", async () => {
    const incoming = new Incoming(null);
    const limits = { replay: 2, responseBuffer: 10 };
    const scene = new Scene([RESET, null], { method: "PUT", incoming, limits }, (self) => {
      self.onAttempt = ({ body }) => {
        const opened = body?.open() ?? null;
        if (isSource(opened)) recordingOf(opened);
        incoming.push("abc");
      };
    });
    expect(await scene.outcome).toContain("reset");
    expect(scene.reasons).toEqual(["body-not-replayable"]);
  });

  test("that is streamed and still held is sent again from its first byte", async () => {
    const incoming = new Incoming(null);
    const sinks: ReturnType<typeof recordingOf>[] = [];
    const scene = new Scene([RESET, null], { method: "PUT", incoming }, (self) => {
      self.onAttempt = ({ body }) => {
        const opened = body?.open() ?? null;
        if (isSource(opened)) sinks.push(recordingOf(opened));
        if (sinks.length === 1) incoming.push("abc");
      };
    });
    await virtual.time.advanceAsync(100);
    expect([await scene.outcome, sinks.map(({ text }) => text)]).toEqual(["200", ["abc", "abc"]]);
  });
});

import { PassThrough } from "node:stream";
import type { FieldList } from "@headgate/http";
import { isSource } from "../../src/body.ts";
import { Cancellation } from "../../src/cancellation.ts";
import { ClientGone, GatewayError } from "../../src/gateway-error.ts";
import { Attempt } from "../../src/upstream/attempt.ts";
import { AttemptError } from "../../src/upstream/attempt-error.ts";
import { gatewayResponse } from "../../src/upstream/origin.ts";
import type { UpstreamRequest } from "../../src/upstream/upstream-request.ts";
import { RecordingSink, recordingOf } from "./support/bodies.ts";
import { anAttemptRecord, aRequest, coded, DrivenAttempt, TestClock } from "./support/upstream.ts";

const gone = new ClientGone();
const unwanted = new Error("unwanted");

function begin(changes: Partial<UpstreamRequest> = {}) {
  const cancellation = new Cancellation();
  const clock = new TestClock(100);
  const record = anAttemptRecord();
  const told: string[] = [];
  const settled: (Error | null)[] = [];
  const rejected: Error[] = [];
  const attempt = new Attempt(aRequest({ cancellation, ...changes }), record, 4, clock, {
    resolve: () => told.push("resolved"),
    reject: (error) => {
      told.push("rejected");
      rejected.push(error);
    },
    settled: (error) => {
      told.push("settled");
      settled.push(error);
    },
  });
  const driven = new DrivenAttempt(attempt);
  return { attempt, driven, control: driven.control, cancellation, clock, record, told, settled, rejected };
}

describe("the head", () => {
  test("resolves the attempt with status, end-to-end fields and times", () => {
    const { driven, attempt, record, clock, told } = begin();
    clock.advance(5);
    driven.start();
    clock.advance(7);
    driven.head(404, "Content-Type", "text/plain", "Connection", "X-Hop", "X-Hop", "1", "Keep-Alive", "timeout=5");
    expect(told).toEqual(["resolved"]);
    expect([attempt.status, attempt.fields, attempt.tunnel]).toEqual([404, ["Content-Type", "text/plain"], null]);
    expect(record).toMatchObject({ sentAt: 105, headAt: 112, status: 404 });
  });

  test("comes with the lines of its end-to-end fields, which do not change with the fields", () => {
    const { driven, attempt } = begin();
    driven.start();
    attempt.onHead(
      200,
      ["Server", "a", "Connection", "close", "ETag", "b"],
      "Server: a\r\nConnection: close\r\nETag: b\r\n",
    );
    attempt.fields[1] = "changed";
    expect(gatewayResponse(attempt)).toMatchObject({
      fields: ["Server", "changed", "ETag", "b"],
      repeated: { fields: ["Server", "a", "ETag", "b"], lines: "Server: a\r\nETag: b\r\n" },
    });
  });

  test("of an interim response goes to the client, and the final one still comes", () => {
    const interim: [number, FieldList][] = [];
    const { driven, told } = begin({ interim: { informational: (status, fields) => interim.push([status, fields]) } });
    driven.start().head(103, "Link", "</a.css>").head(102);
    expect([interim, told]).toEqual([
      [
        [103, ["Link", "</a.css>"]],
        [102, []],
      ],
      [],
    ]);
    driven.head(200).end();
    expect(told).toEqual(["resolved", "settled"]);
  });

  test("of an interim response is dropped where nobody takes it", () => {
    const { driven, told } = begin();
    driven.start().head(103, "Link", "</a.css>").head(200);
    expect(told).toEqual(["resolved"]);
  });

  test("bytes of obs-text come through as they are", () => {
    const { driven, attempt } = begin();
    driven.start().head(200, "X-Name", "\xe9\xff");
    expect(attempt.fields).toEqual(["X-Name", "\xe9\xff"]);
  });
});

describe("the body of the response", () => {
  test("that is here whole is given as bytes, or as none", () => {
    const one = begin();
    one.driven.start().head().data("ab").end();
    const many = begin();
    many.driven.start().head().data("ab", "cd").end();
    const none = begin();
    none.driven.start().head(204).end();
    expect([one, many, none].map(({ attempt }) => attempt.takeBody()).map((body) => body && String(body))).toEqual([
      "ab",
      "abcd",
      null,
    ]);
  });

  test("that still comes is a source: what came before the sink, then what comes, then the end", () => {
    const { driven, attempt } = begin();
    driven.start().head().data("a", "b");
    const body = attempt.takeBody();
    if (!isSource(body)) throw new Error("expected a source");
    driven.data("c");
    const sink = recordingOf(body);
    driven.data("d").end();
    expect([sink.text, sink.ended, sink.trailers]).toEqual(["abcd", true, null]);
  });

  test("that ended before the sink came, with trailers, ends with them", () => {
    const { driven, attempt } = begin();
    driven.start().head().data("ab").end("Digest", "x", "Connection", "y");
    const sink = recordingOf(attempt);
    expect(attempt.takeBody()).toBe(attempt);
    expect([sink.text, sink.ended, sink.trailers]).toEqual(["ab", true, ["Digest", "x"]]);
  });

  test("is held up to the bound for a sink that has not come, then the connection waits", () => {
    const { driven, attempt, control } = begin();
    driven.start().head().data("abc");
    expect(control.paused).toBe(false);
    driven.data("d");
    expect(control.paused).toBe(true);
    recordingOf(attempt);
    expect([control.paused, control.resumed]).toEqual([false, 1]);
  });

  test("waits for a sink that asks for it, also within what was held", () => {
    const { driven, attempt, control } = begin();
    driven.start().head().data("a");
    const sink = new RecordingSink();
    sink.open = false;
    attempt.pipe(sink);
    expect(control.paused).toBe(true);
    sink.open = true;
    attempt.resume();
    expect(control.paused).toBe(false);
    sink.open = false;
    driven.data("b");
    expect(control.paused).toBe(true);
  });

  test("keeps its order where a sink resumes from within data and more comes at once", () => {
    const { driven, attempt, control } = begin();
    driven.start().head().data("ab", "cd");
    const sink = new RecordingSink();
    sink.onData = () => attempt.resume();
    control.onResume = () => {
      control.onResume = null;
      driven.data("ef");
    };
    attempt.pipe(sink);
    driven.data("gh").end();
    expect([sink.text, sink.ended]).toEqual(["abcdefgh", true]);
  });

  test("that broke off fails the sink, after what had come", () => {
    const before = begin();
    before.driven.start().head().data("ab").fail(coded("UPSTREAM_ENDED"));
    const after = begin();
    const afterSink = recordingOf(after.driven.start().head().attempt);
    after.driven.data("ab").fail(coded("UPSTREAM_ENDED"));
    const beforeSink = recordingOf(before.attempt);
    for (const sink of [beforeSink, afterSink]) {
      expect([sink.text, sink.ended, sink.failed]).toEqual(["ab", false, expect.any(AttemptError)]);
    }
    expect(before.told).toEqual(["resolved", "settled"]);
  });

  test("is over for good once it has ended: later calls change nothing", () => {
    const { driven, attempt, control, told, settled } = begin();
    const sink = recordingOf(driven.start().head().attempt);
    driven.data("a").end();
    attempt.resume();
    attempt.cancel(unwanted);
    driven.fail(coded("ECONNRESET"));
    expect([sink.text, sink.ended, control.aborted]).toEqual(["a", true, null]);
    expect([told, settled]).toEqual([["resolved", "settled"], [null]]);
  });
});

describe("a failure", () => {
  test.each<[string, (driven: DrivenAttempt) => void, object]>([
    ["before a connection", () => undefined, { phase: "connect", kind: "refused", bytesSent: false }],
    ["once sent", (driven) => driven.start(), { phase: "sent", kind: "reset", bytesSent: true }],
    [
      "within the head",
      (driven) => {
        driven.start().attempt.onBegun();
      },
      { phase: "head", kind: "bad-response", bytesSent: true },
    ],
  ])("%s rejects with what the retry plan needs", (_name, prepare, failure) => {
    const { driven, told, rejected, settled } = begin();
    prepare(driven);
    driven.fail(coded("ECONNRESET"));
    expect(told).toEqual(["settled", "rejected"]);
    expect(rejected).toEqual([expect.objectContaining({ failure, backend: "127.0.0.1:8000" })]);
    expect(settled).toEqual(rejected);
  });

  test("of the client's body is passed on as it is", () => {
    const tooLarge = new GatewayError("content-too-large", "The content is too large.");
    const { driven, rejected } = begin();
    driven.start().fail(tooLarge);
    expect(rejected).toEqual([tooLarge]);
  });

  test("of connections that are closed already, which take no request, is told too", () => {
    const { attempt, told } = begin();
    attempt.onError(coded("UPSTREAM_CLOSED"));
    expect(told).toEqual(["settled", "rejected"]);
  });
});

describe("a cancellation", () => {
  test("before a connection is there ends the attempt, and the connection is not used when it comes", () => {
    const { driven, cancellation, control, told, rejected, settled } = begin();
    cancellation.cancel(gone);
    expect([told, rejected, settled]).toEqual([["settled", "rejected"], [gone], [gone]]);
    driven.start();
    expect(control.aborted).toBe(gone);
    expect(told).toEqual(["settled", "rejected"]);
  });

  test("while it waits for a connection takes it off the queue, and only once", () => {
    const { attempt, cancellation, told, rejected } = begin();
    const taken: Error[] = [];
    attempt.onWaiting({
      abort: (reason) => {
        taken.push(reason);
        attempt.onError(reason);
      },
    });
    cancellation.cancel(gone);
    attempt.cancel(unwanted);
    expect([taken, told, rejected]).toEqual([[gone], ["settled", "rejected"], [gone]]);
  });

  test("once it is over reaches no connection, which may serve another by then", () => {
    const { attempt, driven, control } = begin();
    driven.start().head().end();
    control.over = false;
    attempt.cancel(unwanted);
    attempt.resume();
    recordingOf(attempt);
    expect([control.aborted, control.paused, control.resumed]).toEqual([null, false, 0]);
  });

  test("that came before the attempt ends it at once", () => {
    const cancellation = new Cancellation();
    cancellation.cancel(gone);
    const { attempt, told, rejected } = begin({ cancellation });
    expect([attempt.over, told, rejected]).toEqual([true, ["settled", "rejected"], [gone]]);
  });

  test("before the head rejects with its reason", () => {
    const { driven, cancellation, control, told, rejected } = begin();
    driven.start();
    cancellation.cancel(gone);
    expect([control.aborted, told, rejected]).toEqual([gone, ["settled", "rejected"], [gone]]);
  });

  test("within the body settles it, and the sink hears that no more comes", () => {
    const { driven, attempt, cancellation, control, told, settled } = begin();
    const sink = recordingOf(driven.start().head().attempt);
    driven.data("a");
    cancellation.cancel(gone);
    attempt.resume();
    expect([control.aborted, told, settled]).toEqual([gone, ["resolved", "settled"], [gone]]);
    expect([sink.text, sink.failed]).toEqual(["a", gone]);
  });

  test("before the sink came fails it when it comes", () => {
    const { driven, attempt, cancellation } = begin();
    driven.start().head().data("a");
    cancellation.cancel(gone);
    const sink = recordingOf(attempt);
    expect([sink.text, sink.failed]).toEqual(["", gone]);
  });

  test("by the reader itself is heard by the backend alone", () => {
    const { driven, attempt, control, settled } = begin();
    const sink = recordingOf(driven.start().head().attempt);
    attempt.cancel(unwanted);
    expect([control.aborted, settled, sink.waiting]).toEqual([unwanted, [unwanted], true]);
  });

  test("by the reader from within data, while held chunks are delivered, ends the delivery", () => {
    const held = begin();
    held.driven.start().head().data("a", "b");
    const ended = begin();
    ended.driven.start().head().data("a", "b").end("Digest", "x");
    for (const { attempt } of [held, ended]) {
      const sink = new RecordingSink();
      sink.onData = () => attempt.cancel(unwanted);
      attempt.pipe(sink);
      expect([sink.text, sink.waiting]).toEqual(["a", true]);
    }
  });
});

describe("an upgrade", () => {
  test("resolves with the connection, and settles when that closes", async () => {
    const { attempt, driven, told } = begin({ upgrade: "websocket" });
    const socket = new PassThrough();
    driven.start();
    attempt.onUpgrade(101, ["Sec-WebSocket-Accept", "x", "Upgrade", "websocket"], socket);
    expect([told, attempt.status, attempt.tunnel]).toEqual([["resolved"], 101, socket]);
    expect([attempt.fields, attempt.takeBody()]).toEqual([["Sec-WebSocket-Accept", "x"], null]);
    socket.destroy();
    await new Promise((resolve) => {
      socket.on("close", resolve);
    });
    expect(told).toEqual(["resolved", "settled"]);
  });

  test("is broken off by a cancellation", async () => {
    const { attempt, driven, cancellation, told } = begin({ upgrade: "websocket" });
    const socket = new PassThrough();
    driven.start();
    attempt.onUpgrade(101, [], socket);
    cancellation.cancel(gone);
    expect(socket.destroyed).toBe(true);
    await new Promise((resolve) => {
      socket.on("close", resolve);
    });
    expect(told).toEqual(["resolved", "settled"]);
  });
});

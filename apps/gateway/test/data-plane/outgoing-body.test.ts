import type { BodySource } from "../../src/body.ts";
import { isSource } from "../../src/body.ts";
import { prepareBody } from "../../src/upstream/outgoing-body.ts";
import type { OutgoingBody } from "../../src/upstream/upstream-request.ts";
import { type RecordingSink, recordingOf, ScriptedSource } from "./support/bodies.ts";

const REPLAY = 4;
const WINDOW = 2;
const broken = new Error("broken off");

/** A client's body of `length` bytes as announced. */
class Incoming extends ScriptedSource {
  readonly length: number | null;

  constructor(length: number | null) {
    super();
    this.length = length;
  }
}

function opened(body: OutgoingBody): BodySource {
  const source = body.open();
  if (!isSource(source)) throw new Error("expected a streamed body");
  return source;
}

const readFrom = (body: OutgoingBody): RecordingSink => recordingOf(opened(body));

describe("a body of known length within the replay buffer", () => {
  test("is read whole before anything is sent, and goes out as often as it is asked for", async () => {
    const incoming = new Incoming(4);
    const preparing = prepareBody(incoming, REPLAY, WINDOW);
    let ready = false;
    void preparing.then(() => {
      ready = true;
    });
    incoming.push("ab");
    await Promise.resolve();
    expect(ready).toBe(false);
    incoming.push("cd");
    incoming.end();
    const body = await preparing;
    expect([body.length, body.replayable]).toEqual([4, true]);
    expect([String(body.open()), String(body.open())]).toEqual(["abcd", "abcd"]);
    expect(body.replayable).toBe(true);
  });

  test("comes as the very chunk where there was one", async () => {
    const incoming = new Incoming(2);
    const preparing = prepareBody(incoming, REPLAY, WINDOW);
    incoming.push("ab");
    incoming.end();
    expect(String((await preparing).open())).toBe("ab");
  });

  test("rejects with what broke it off", async () => {
    const incoming = new Incoming(4);
    const preparing = prepareBody(incoming, REPLAY, WINDOW);
    incoming.push("ab");
    incoming.fail(broken);
    await expect(preparing).rejects.toBe(broken);
  });
});

describe("a body of unknown length", () => {
  test("is not read before it is opened, and keeps its length to itself", async () => {
    const incoming = new Incoming(null);
    const body = await prepareBody(incoming, REPLAY, WINDOW);
    expect([incoming.sink, body.length, body.replayable]).toEqual([null, null, true]);
    const sink = readFrom(body);
    incoming.push("ab");
    incoming.end();
    expect([sink.text, sink.ended]).toEqual(["ab", true]);
  });

  test("starts over for another attempt while all that came is within the replay buffer", async () => {
    const incoming = new Incoming(null);
    const body = await prepareBody(incoming, REPLAY, WINDOW);
    const first = opened(body);
    const firstSink = recordingOf(first);
    incoming.push("abc");
    first.cancel(new Error("the backend broke off"));
    expect(body.replayable).toBe(true);
    const second = readFrom(body);
    incoming.push("d");
    incoming.end();
    expect([firstSink.text, second.text, second.ended]).toEqual(["abc", "abcd", true]);
  });

  test("may not start over once more came than is kept", async () => {
    const incoming = new Incoming(null);
    const body = await prepareBody(incoming, REPLAY, WINDOW);
    const sink = readFrom(body);
    incoming.push("abcd");
    expect(body.replayable).toBe(true);
    incoming.push("e");
    incoming.end();
    expect([body.replayable, sink.text]).toEqual([false, "abcde"]);
  });

  test("beyond the replay buffer holds no more than the window for a slow backend", async () => {
    const incoming = new Incoming(null);
    const body = await prepareBody(incoming, REPLAY, WINDOW);
    const source = opened(body);
    const sink = recordingOf(source);
    sink.open = false;
    for (const chunk of ["ab", "cd", "e"]) incoming.push(chunk);
    expect(incoming.paused).toBe(true);
    sink.open = true;
    source.resume();
    expect([incoming.paused, sink.text]).toEqual([false, "abcde"]);
  });

  test("that broke off is not sent again", async () => {
    const incoming = new Incoming(null);
    const body = await prepareBody(incoming, REPLAY, WINDOW);
    const sink = readFrom(body);
    incoming.push("a");
    incoming.fail(broken);
    expect([sink.failed, body.replayable]).toEqual([broken, false]);
  });
});

describe("a body that is known to be larger than the replay buffer", () => {
  test("is streamed with its length, and goes out once", async () => {
    const incoming = new Incoming(REPLAY + 1);
    const body = await prepareBody(incoming, REPLAY, WINDOW);
    expect([body.length, body.replayable]).toEqual([5, true]);
    const sink = readFrom(body);
    incoming.push("a");
    expect(body.replayable).toBe(false);
    incoming.push("bcde");
    incoming.end();
    expect(sink.text).toBe("abcde");
  });

  test("may start over as long as none of it was read", async () => {
    const incoming = new Incoming(REPLAY + 1);
    const body = await prepareBody(incoming, REPLAY, WINDOW);
    opened(body).cancel(new Error("refused"));
    expect(body.replayable).toBe(true);
    const second = readFrom(body);
    incoming.push("abcde");
    incoming.end();
    expect(second.text).toBe("abcde");
  });
});

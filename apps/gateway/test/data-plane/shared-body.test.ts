import { SharedBody } from "../../src/shared-body.ts";
import { RecordingSink, recordingOf, ScriptedSource } from "./support/bodies.ts";

const broken = new Error("broken off");
const unwanted = new Error("unwanted");

function shared(keep: number, window: number) {
  const source = new ScriptedSource();
  const told: string[] = [];
  const body = new SharedBody(source, keep, window, {
    unread: () => told.push("unread"),
    over: (complete) => told.push(complete ? "complete" : "broken"),
  });
  return { source, body, told };
}

/** A sink that takes one chunk and then asks for a pause. */
function pausingSink(): RecordingSink {
  const sink = new RecordingSink();
  sink.open = false;
  return sink;
}

test("the source is piped once, by the first reader that is piped", () => {
  const { source, body } = shared(10, 10);
  const first = body.reader();
  const second = body.reader();
  expect(source.sink).toBeNull();
  recordingOf(first);
  recordingOf(second);
  expect(source.sink).not.toBeNull();
});

test("every reader gets every chunk, in order, as it is, and the end with the trailers", () => {
  const { source, body, told } = shared(100, 10);
  const sinks = [recordingOf(body.reader()), recordingOf(body.reader())];
  source.push("ab");
  source.push("cd");
  source.end(["Digest", "x"]);
  for (const sink of sinks) {
    expect(sink.chunks.map(String)).toEqual(["ab", "cd"]);
    expect([sink.ended, sink.trailers]).toEqual([true, ["Digest", "x"]]);
  }
  expect(told).toEqual(["complete"]);
  expect([body.whole, body.ended, body.read]).toEqual([true, true, false]);
  expect(body.chunks.map(String)).toEqual(["ab", "cd"]);
});

test("a reader that joins late gets the body from its first byte while it is whole", () => {
  const { source, body } = shared(4, 100);
  recordingOf(body.reader());
  source.push("abcd");
  expect(body.whole).toBe(true);
  const late = recordingOf(body.reader());
  expect(late.text).toBe("abcd");
  source.push("e");
  expect(body.whole).toBe(false);
  source.end();
  expect([late.text, late.ended]).toEqual(["abcde", true]);
});

test("a reader that joins after the end gets all of a whole body at once", () => {
  const { source, body } = shared(100, 10);
  recordingOf(body.reader());
  source.push("abc");
  source.end();
  const late = recordingOf(body.reader());
  expect([late.text, late.ended]).toEqual(["abc", true]);
});

test("up to the kept size the source is never paused, however slow the readers are", () => {
  const { source, body } = shared(6, 1);
  body.reader().pipe(pausingSink());
  expect([source.push("abc"), source.push("def")]).toEqual([true, true]);
  expect(source.push("g")).toBe(false);
});

test("beyond the kept size the source waits once the slowest reader is more than the window behind", () => {
  const { source, body } = shared(0, 3);
  const quick = recordingOf(body.reader());
  const slow = body.reader();
  const slowSink = pausingSink();
  slow.pipe(slowSink);
  expect(source.push("a")).toBe(true);
  expect(source.push("bcd")).toBe(true);
  expect(source.push("e")).toBe(false);
  expect(quick.text).toBe("abcde");
  slow.resume();
  expect([slowSink.text, source.resumed, source.paused]).toEqual(["abcd", 1, false]);
});

test("a source that waits is not resumed by a reader that the slowest one is not", () => {
  const { source, body } = shared(0, 1);
  const quick = body.reader();
  quick.pipe(pausingSink());
  const slow = body.reader();
  slow.pipe(pausingSink());
  source.push("a");
  source.push("bc");
  quick.resume();
  expect([source.resumed, source.paused]).toEqual([0, true]);
  slow.resume();
  expect([source.resumed, source.paused]).toEqual([1, false]);
});

test("a slow reader that goes lets the source go on for the others", () => {
  const { source, body, told } = shared(0, 1);
  const quick = recordingOf(body.reader());
  const slow = body.reader();
  slow.pipe(pausingSink());
  source.push("a");
  expect(source.push("bc")).toBe(false);
  slow.cancel(unwanted);
  expect([source.resumed, source.paused, told]).toEqual([1, false, []]);
  source.push("d");
  expect(quick.text).toBe("abcd");
});

test("a reader that has not begun holds the body back as much as one that is slow", () => {
  const { source, body } = shared(0, 2);
  recordingOf(body.reader());
  const idle = body.reader();
  source.push("ab");
  expect(source.push("c")).toBe(false);
  expect(recordingOf(idle).text).toBe("abc");
  expect([source.resumed, source.paused]).toEqual([1, false]);
});

test("a failure reaches each reader after the chunks that it has room for", () => {
  const { source, body, told } = shared(100, 10);
  const quick = recordingOf(body.reader());
  const slow = body.reader();
  const slowSink = pausingSink();
  slow.pipe(slowSink);
  source.push("ab");
  source.push("cd");
  source.fail(broken);
  expect([quick.text, quick.failed]).toEqual(["abcd", broken]);
  expect([slowSink.text, slowSink.failed]).toEqual(["ab", null]);
  slowSink.open = true;
  slow.resume();
  expect([slowSink.text, slowSink.failed]).toEqual(["abcd", broken]);
  expect([told, body.whole]).toEqual([["broken"], false]);
});

test("the end is told to a slow reader only once it has everything", () => {
  const { source, body } = shared(100, 10);
  const reader = body.reader();
  const sink = pausingSink();
  reader.pipe(sink);
  source.push("ab");
  source.push("cd");
  source.end();
  expect([sink.text, sink.ended]).toEqual(["ab", false]);
  reader.resume();
  expect([sink.text, sink.ended]).toEqual(["abcd", true]);
});

test("a reader that was cancelled hears nothing more, and the others go on", () => {
  const { source, body, told } = shared(100, 10);
  const leaver = body.reader();
  const left = recordingOf(leaver);
  const stays = recordingOf(body.reader());
  source.push("a");
  leaver.cancel(unwanted);
  leaver.cancel(unwanted);
  source.push("b");
  source.end();
  expect([left.text, left.waiting, stays.text, stays.ended]).toEqual(["a", true, "ab", true]);
  expect(told).toEqual(["complete"]);
});

test("when the last reader goes before the end the owner is told, and the source is the owner's to cancel", () => {
  const { source, body, told } = shared(100, 10);
  const readers = [body.reader(), body.reader()];
  for (const reader of readers) recordingOf(reader);
  readers[0]?.cancel(unwanted);
  expect(told).toEqual([]);
  readers[1]?.cancel(unwanted);
  expect([told, body.read, source.cancelled]).toEqual([["unread"], false, null]);
});

test("a reader that goes after the end leaves nobody unread", () => {
  const { source, body, told } = shared(100, 10);
  const reader = body.reader();
  const sink = pausingSink();
  reader.pipe(sink);
  source.push("a");
  source.push("b");
  source.end();
  reader.cancel(unwanted);
  expect(told).toEqual(["complete"]);
  expect([sink.text, sink.waiting]).toEqual(["a", true]);
});

test("cancelling the body cancels its source once and fails every reader, also one that is piped later", () => {
  const { source, body, told } = shared(100, 10);
  const sink = recordingOf(body.reader());
  const late = body.reader();
  source.push("a");
  body.cancel(unwanted);
  body.cancel(broken);
  expect([source.cancelled, sink.failed, told]).toEqual([unwanted, unwanted, ["broken"]]);
  const lateSink = recordingOf(late);
  expect([lateSink.text, lateSink.failed]).toEqual(["a", unwanted]);
});

test("a body that is cancelled before anybody piped it never pipes its source", () => {
  const { source, body } = shared(100, 10);
  const reader = body.reader();
  body.cancel(unwanted);
  expect(recordingOf(reader).failed).toBe(unwanted);
  expect(source.sink).toBeNull();
});

test("nothing is cancelled once the body has ended", () => {
  const { source, body } = shared(100, 10);
  recordingOf(body.reader());
  source.end();
  body.cancel(unwanted);
  expect([source.cancelled, body.whole]).toEqual([null, true]);
});

describe("a sink that acts from within data", () => {
  test("resumes and answers false: it is not left waiting", () => {
    const { source, body } = shared(0, 10);
    const reader = body.reader();
    const sink = new RecordingSink();
    sink.open = false;
    sink.onData = () => reader.resume();
    reader.pipe(sink);
    source.push("a");
    source.push("b");
    source.end();
    expect([sink.text, sink.ended]).toEqual(["ab", true]);
  });

  test("resumes another reader: each still gets its chunks in order", () => {
    const { source, body } = shared(100, 10);
    const slow = body.reader();
    const slowSink = pausingSink();
    slow.pipe(slowSink);
    const quick = recordingOf(body.reader());
    quick.onData = () => slow.resume();
    for (const chunk of ["a", "b", "c"]) source.push(chunk);
    source.end();
    slow.resume();
    expect([slowSink.text, slowSink.ended, quick.text, quick.ended]).toEqual(["abc", true, "abc", true]);
  });

  test("makes the source deliver more: the chunks stay in order for all", () => {
    const { source, body } = shared(0, 0);
    const one = body.reader();
    const other = body.reader();
    const sinks = [new RecordingSink(), new RecordingSink()];
    const left = ["c", "d"];
    source.onResume = () => {
      const next = left.shift();
      if (next === undefined) source.end();
      else source.push(next);
    };
    for (const [index, reader] of [one, other].entries()) {
      const sink = sinks[index] as RecordingSink;
      sink.open = false;
      reader.pipe(sink);
    }
    source.push("a");
    source.push("b");
    for (let round = 0; round < 6; round++) {
      one.resume();
      other.resume();
    }
    expect(sinks.map((sink) => [sink.text, sink.ended])).toEqual([
      ["abcd", true],
      ["abcd", true],
    ]);
  });

  test("cancels itself: it gets nothing more", () => {
    const { source, body, told } = shared(100, 10);
    const reader = body.reader();
    const sink = new RecordingSink();
    sink.onData = () => reader.cancel(unwanted);
    reader.pipe(sink);
    source.push("a");
    source.push("b");
    expect([sink.text, sink.waiting, told]).toEqual(["a", true, ["unread"]]);
  });

  test("cancels itself when it goes on: the owner is told once", () => {
    const { source, body, told } = shared(100, 10);
    const reader = body.reader();
    const sink = pausingSink();
    reader.pipe(sink);
    source.push("a");
    source.push("b");
    sink.onData = () => reader.cancel(unwanted);
    reader.resume();
    expect([sink.text, told]).toEqual(["ab", ["unread"]]);
  });

  test("cancels the other reader, and the body", () => {
    const { source, body, told } = shared(100, 10);
    const sink = recordingOf(body.reader());
    const other = body.reader();
    const otherSink = recordingOf(other);
    sink.onData = () => other.cancel(unwanted);
    source.push("a");
    expect(otherSink.text).toBe("");
    sink.onData = () => body.cancel(unwanted);
    source.push("b");
    expect([sink.text, sink.failed, told]).toEqual(["ab", unwanted, ["broken"]]);
  });
});

test("chunks are kept only as long as the owner has room for them", () => {
  const source = new ScriptedSource();
  const asked: number[] = [];
  const body = new SharedBody(source, 100, 3, {
    keeps: (bytes) => {
      asked.push(bytes);
      return asked.length < 3;
    },
  });
  const slow = pausingSink();
  const reader = body.reader();
  reader.pipe(slow);
  expect([source.push("ab"), source.push("cd"), body.whole]).toEqual([true, true, true]);
  // What the slowest reader has not had is more than the window now.
  expect([source.push("ef"), body.whole]).toEqual([false, false]);
  slow.open = true;
  reader.resume();
  expect(source.resumed).toBe(1);
  source.push("gh");
  source.end();
  expect([slow.text, slow.ended]).toEqual(["abcdefgh", true]);
  expect(asked).toEqual([2, 2, 2]);
});

test("a body may move to a buffer with the same bytes while it is read", () => {
  const { source, body } = shared(100, 10);
  const slow = pausingSink();
  const reader = body.reader();
  reader.pipe(slow);
  for (const chunk of ["ab", "cde", "f"]) source.push(chunk);
  const joined = Buffer.from("abcdef");
  body.moveTo(joined);
  expect(body.chunks.every(({ buffer }) => buffer === joined.buffer)).toBe(true);
  source.end();
  slow.open = true;
  reader.resume();
  expect([slow.text, slow.ended]).toEqual(["abcdef", true]);
  expect(recordingOf(body.reader()).chunks.map(String)).toEqual(["ab", "cde", "f"]);
});

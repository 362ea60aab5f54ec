import { discard, isSource } from "../../src/body.ts";
import { PrefixedBody } from "../../src/caching/prefixed-body.ts";
import { RecordingSink, recordingOf, ScriptedSource } from "./support/bodies.ts";

const unwanted = new Error("unwanted");

test("only what still has to be delivered is a source", () => {
  expect([isSource(null), isSource(Buffer.from("a")), isSource(new ScriptedSource())]).toEqual([false, false, true]);
});

test("letting go of a body cancels its source, if it has one", () => {
  const source = new ScriptedSource();
  for (const body of [null, Buffer.from("a"), source]) discard(body, unwanted);
  expect(source.cancelled).toBe(unwanted);
});

describe("a body that begins with bytes at hand", () => {
  const prefixed = () => {
    const rest = new ScriptedSource();
    return { rest, body: new PrefixedBody(Buffer.from("ab"), rest) };
  };

  test("goes on with what comes", () => {
    const { rest, body } = prefixed();
    const sink = recordingOf(body);
    rest.push("cd");
    rest.end(["Digest", "x"]);
    expect([sink.text, sink.ended, sink.trailers]).toEqual(["abcd", true, ["Digest", "x"]]);
  });

  test("waits after the prefix where the sink asks for it, and later hands that on", () => {
    const { rest, body } = prefixed();
    const sink = new RecordingSink();
    sink.open = false;
    body.pipe(sink);
    expect([sink.text, rest.sink]).toEqual(["ab", null]);
    body.resume();
    rest.push("cd");
    expect([sink.text, rest.resumed]).toEqual(["abcd", 0]);
    body.resume();
    expect(rest.resumed).toBe(1);
  });

  test("fails as the rest fails", () => {
    const { rest, body } = prefixed();
    const sink = recordingOf(body);
    rest.fail(unwanted);
    expect([sink.text, sink.failed]).toEqual(["ab", unwanted]);
  });

  test("that is cancelled, before, within or after the prefix, never pipes the rest again", () => {
    for (const answer of [true, false]) {
      const { rest, body } = prefixed();
      const sink = new RecordingSink();
      sink.open = answer;
      sink.onData = () => body.cancel(unwanted);
      body.pipe(sink);
      body.resume();
      expect([rest.cancelled, rest.sink, sink.waiting]).toEqual([unwanted, null, true]);
    }
    const { rest, body } = prefixed();
    const sink = new RecordingSink();
    sink.open = false;
    body.pipe(sink);
    body.cancel(unwanted);
    body.resume();
    expect([rest.cancelled, rest.sink]).toEqual([unwanted, null]);
  });
});

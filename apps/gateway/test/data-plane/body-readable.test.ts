import type { Readable } from "node:stream";
import { readableFrom } from "../../src/upstream/body-readable.ts";
import { ScriptedSource } from "./support/bodies.ts";

const broken = new Error("broken off");

/** A Readable of the source, with what it has given and how it ended. */
function reading(source: ScriptedSource) {
  const readable = readableFrom(source);
  const seen = { chunks: [] as string[], ended: false, error: null as Error | null, closed: false };
  readable.on("end", () => {
    seen.ended = true;
  });
  readable.on("error", (error) => {
    seen.error = error;
  });
  readable.on("close", () => {
    seen.closed = true;
  });
  return { readable, seen };
}

const closed = (readable: Readable): Promise<void> =>
  new Promise((resolve) => {
    readable.on("close", resolve);
  });

test("nothing is read before somebody asks", () => {
  const source = new ScriptedSource();
  reading(source);
  expect(source.sink).toBeNull();
});

test("the chunks come in order, and the end is the end", async () => {
  const source = new ScriptedSource();
  const { readable, seen } = reading(source);
  readable.on("data", (chunk: Buffer) => seen.chunks.push(String(chunk)));
  await Promise.resolve();
  readable.read(0);
  source.push("ab");
  source.push("cd");
  source.end();
  await closed(readable);
  expect(seen).toEqual({ chunks: ["ab", "cd"], ended: true, error: null, closed: true });
});

test("the source waits when the buffer is full, and goes on when it is read", () => {
  const source = new ScriptedSource();
  const { readable } = reading(source);
  readable.read(0);
  expect(source.push(Buffer.alloc(readable.readableHighWaterMark))).toBe(false);
  const before = source.resumed;
  readable.read();
  readable.read(0);
  expect(source.resumed).toBeGreaterThan(before);
});

test("a source that breaks off is an error of the stream, never an end", async () => {
  const source = new ScriptedSource();
  const { readable, seen } = reading(source);
  readable.resume();
  readable.read(0);
  source.push("ab");
  source.fail(broken);
  await closed(readable);
  expect([seen.error, seen.ended]).toEqual([broken, false]);
});

test("destroying the stream cancels the source, whether or not it was piped", async () => {
  for (const begun of [true, false]) {
    const source = new ScriptedSource();
    const { readable, seen } = reading(source);
    if (begun) readable.read(0);
    readable.destroy();
    await closed(readable);
    expect([source.cancelled === null, seen.error]).toEqual([false, null]);
  }
});

test("the source is told why the stream was destroyed", async () => {
  const source = new ScriptedSource();
  const { readable } = reading(source);
  readable.destroy(broken);
  await closed(readable);
  expect(source.cancelled).toBe(broken);
});

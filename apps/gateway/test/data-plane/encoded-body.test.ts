import { randomBytes } from "node:crypto";
import { brotliDecompressSync, constants, gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import type { Coding, CompressionLevels } from "../../src/compression/codec.ts";
import { EncodedBody } from "../../src/compression/encoded-body.ts";
import { recordingOf, ScriptedSource } from "./support/bodies.ts";
import { virtualTimers } from "./support/virtual-timers.ts";

const virtual = virtualTimers();
const LEVELS = { br: 4, zstd: 3, gzip: 6 };
const broken = new Error("broken off");

const DECODE: Readonly<Record<Coding, (bytes: Buffer) => Buffer>> = {
  br: (bytes) => brotliDecompressSync(bytes),
  gzip: (bytes) => gunzipSync(bytes),
  deflate: (bytes) => inflateSync(bytes),
  zstd: (bytes) => zstdDecompressSync(bytes),
};
const CODINGS = Object.keys(DECODE) as Coding[];

const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH, ZSTD_e_flush } = constants;

/** The same of bytes that are not the whole yet. */
const DECODE_SO_FAR: Readonly<Record<Coding, (bytes: Buffer) => Buffer>> = {
  br: (bytes) => brotliDecompressSync(bytes, { finishFlush: BROTLI_OPERATION_FLUSH }),
  gzip: (bytes) => gunzipSync(bytes, { finishFlush: Z_SYNC_FLUSH }),
  deflate: (bytes) => inflateSync(bytes, { finishFlush: Z_SYNC_FLUSH }),
  zstd: (bytes) => zstdDecompressSync(bytes, { finishFlush: ZSTD_e_flush }),
};

function encoding(coding: Coding, length: number | null = null, levels = LEVELS) {
  const source = new ScriptedSource();
  let before = 0;
  const body = new EncodedBody(source, { coding, levels, length }, (bytes) => {
    before += bytes;
  });
  return { source, body, counted: () => before };
}

/** Lets zlib's threads come back, until `done` holds. */
async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setImmediate(resolve));
}

/** Gives zlib's threads ample time to come back with whatever they have. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test.each(CODINGS)("%s: what is decoded is what came, with its trailers", async (coding) => {
  const { source, body, counted } = encoding(coding, 40_000);
  const sink = recordingOf(body);
  const chunks = Array.from({ length: 20 }, (_, index) => `${index}`.padStart(2000, "abc"));
  for (const chunk of chunks) source.push(chunk);
  source.end(["Digest", "x"]);
  await sink.whenOver();
  expect([sink.ended, sink.trailers, counted()]).toEqual([true, ["Digest", "x"], 40_000]);
  expect(String(DECODE[coding](sink.bytes))).toBe(chunks.join(""));
  expect(sink.bytes.length).toBeLessThan(4000);
});

test.each(CODINGS)("%s: an empty body is the coding of nothing", async (coding) => {
  const { source, body } = encoding(coding);
  const sink = recordingOf(body);
  source.end();
  await sink.whenOver();
  expect(DECODE[coding](sink.bytes)).toHaveLength(0);
});

test.each(CODINGS)("%s: after a moment of silence all that came is sent, and not before", async (coding) => {
  const { source, body } = encoding(coding);
  const sink = recordingOf(body);
  for (const [round, chunk] of ["first, ", "second, "].entries()) {
    const already = sink.chunks.length;
    source.push(chunk);
    await virtual.time.advanceAsync(4);
    expect(virtual.time.pending).toBe(1);
    await virtual.time.advanceAsync(1);
    await until(() => sink.chunks.length > already && String(DECODE_SO_FAR[coding](sink.bytes)).endsWith(chunk));
    expect(String(DECODE_SO_FAR[coding](sink.bytes))).toBe(["first, ", "first, second, "][round]);
    expect(virtual.time.pending).toBe(0);
  }
  source.push("third");
  source.end();
  await sink.whenOver();
  expect(String(DECODE[coding](sink.bytes))).toBe("first, second, third");
});

test.each(CODINGS)(
  "%s: a small body that comes without a pause is encoded in the turn it ends in, in one piece",
  (coding) => {
    const { source, body } = encoding(coding);
    const sink = recordingOf(body);
    source.push("first, ");
    source.push("second");
    expect(sink.chunks).toHaveLength(0);
    source.end(["Digest", "x"]);
    expect([sink.ended, sink.trailers, sink.chunks.length]).toEqual([true, ["Digest", "x"], 1]);
    expect(String(DECODE[coding](sink.bytes))).toBe("first, second");
    expect(virtual.time.pending).toBe(0);
  },
);

test.each<[string, number | null, number, CompressionLevels]>([
  ["is too large", 8193, 8193, LEVELS],
  ["turns out too large", null, 8193, LEVELS],
  ["is to be squeezed as far as it goes", 100, 100, { ...LEVELS, br: 11 }],
])("a body that %s is left to a thread", async (_why, length, bytes, levels) => {
  const { source, body } = encoding("br", length, levels);
  const sink = recordingOf(body);
  source.push("x".repeat(bytes));
  source.end();
  expect(sink.ended).toBe(false);
  await sink.whenOver();
  expect(brotliDecompressSync(sink.bytes)).toHaveLength(bytes);
});

test("after a cancel nothing is held, encoded or waited for", () => {
  const { source, body } = encoding("gzip");
  const sink = recordingOf(body);
  source.push("some of it");
  body.cancel(broken);
  body.data(Buffer.from("late"));
  body.end(null);
  expect([sink.chunks.length, sink.waiting, virtual.time.pending]).toEqual([0, true, 0]);
});

test("chunks that follow each other closely are not torn apart by flushes", async () => {
  const { source, body } = encoding("gzip");
  const sink = recordingOf(body);
  for (let i = 0; i < 10; i++) {
    source.push("word ");
    await virtual.time.advanceAsync(4);
  }
  expect(sink.bytes.length).toBeLessThanOrEqual(10);
  source.end();
  await sink.whenOver();
  expect(String(gunzipSync(sink.bytes))).toBe("word ".repeat(10));
});

test("a sink that asks for a pause gets nothing more until it goes on, and the source is held back then", async () => {
  const { source, body } = encoding("gzip");
  const sink = recordingOf(body);
  sink.open = false;
  const sent: Buffer[] = [];
  const push = (): void => {
    if (sent.length === 16) return;
    const noise = randomBytes(100 * 1024);
    sent.push(noise);
    source.push(noise);
  };
  source.onResume = push;
  push();
  await until(() => sink.chunks.length === 1);
  await quiet();
  expect([sink.chunks.length, source.paused]).toEqual([1, true]);
  expect(sent.length).toBeLessThan(10);
  sink.open = true;
  body.resume();
  await until(() => sent.length === 16 && !source.paused);
  source.end();
  await sink.whenOver();
  expect(gunzipSync(sink.bytes).equals(Buffer.concat(sent))).toBe(true);
});

test("a body that broke off is told so, and never looks whole", async () => {
  const { source, body } = encoding("gzip");
  const sink = recordingOf(body);
  source.push("some of it");
  source.fail(broken);
  expect([sink.failed, sink.ended]).toEqual([broken, false]);
  await virtual.time.advanceAsync(10);
  expect(() => gunzipSync(sink.bytes)).toThrow();
});

test("cancelling cancels the source, once, and the sink hears nothing more", async () => {
  const { source, body } = encoding("br");
  const sink = recordingOf(body);
  source.push("some of it");
  body.cancel(broken);
  body.cancel(new Error("again"));
  expect(source.cancelled).toBe(broken);
  await quiet();
  expect([sink.chunks.length, sink.waiting]).toEqual([0, true]);
});

test("a body that nobody piped can be cancelled", () => {
  const { source, body } = encoding("zstd");
  body.cancel(broken);
  expect(source.cancelled).toBe(broken);
});

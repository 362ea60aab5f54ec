import { ByteReader } from "../../../src/upstream/client/byte-reader.ts";

/** A reader, and a socket's way to use it: into its buffer, so many bytes at a time. */
function reading() {
  const taken: { bytes: Buffer; lasts: boolean }[] = [];
  const reader = new ByteReader((bytes, lasts) => taken.push({ bytes, lasts }));
  let buffer = reader.buffer();
  const read = (count: number): Buffer => {
    const used = buffer;
    expect(reader.callback(count, used)).toBe(true);
    buffer = reader.buffer();
    return used;
  };
  return { taken, read };
}

test("small pieces of all connections come in one slab, which does not last", () => {
  const [one, other] = [reading(), reading()];
  const slab = one.read(3);
  expect([other.read(5), one.read(7)]).toEqual([slab, slab]);
  expect(one.taken.map(({ bytes, lasts }) => [bytes.length, lasts])).toEqual([
    [3, false],
    [7, false],
  ]);
});

test("where more than a slab comes, the next pieces come in buffers of their own, until less comes again", () => {
  const { taken, read } = reading();
  const slab = read(1);
  const size = slab.length;
  const used = [read(size), read(size), read(size - 1), read(size)];
  expect(used.map((buffer) => buffer === slab)).toEqual([true, false, false, true]);
  expect(used[1]).not.toBe(used[2]);
  expect(taken.map(({ bytes, lasts }) => [bytes.length, lasts])).toEqual([
    [1, false],
    [size, false],
    [size, true],
    [size - 1, true],
    [size, false],
  ]);
});

test("a few bytes do not keep a buffer of their own", () => {
  const { taken, read } = reading();
  read(read(1).length);
  expect(read(10)).not.toBe(read(1));
  expect(taken[2]).toMatchObject({ lasts: false });
  expect(taken[2]?.bytes).toHaveLength(10);
});

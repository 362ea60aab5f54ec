import { ByteReader } from "../../src/byte-reader.ts";

/** A reader, and a socket's way to use it: into its buffer, so many bytes at a time. */
/** @param spent whether what was taken is held by nobody */
function reading(spent = false) {
  const taken: { bytes: Buffer; lasts: boolean }[] = [];
  const reader = new ByteReader((bytes, lasts) => {
    taken.push({ bytes, lasts });
    return spent;
  });
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

test("a slab of its own that nobody holds any more is read into again, and is a larger one", () => {
  const { taken, read } = reading(true);
  const size = read(1).length;
  const used = [read(size), read(size), read(4 * size), read(4 * size), read(4 * size - 1), read(1)];
  expect(used.map((slab) => slab.length)).toEqual([size, size, 4 * size, 4 * size, 4 * size, size]);
  expect(new Set(used.slice(2, 5)).size).toBe(1);
  expect(used[1]).not.toBe(used[0]);
  expect(used[5]).toBe(used[0]);
  expect(taken.slice(2, 6).map(({ lasts }) => lasts)).toEqual([true, true, true, true]);
});

test("what a slow client holds comes in small slabs of its own, each another", () => {
  const { read } = reading(false);
  const size = read(1).length;
  const used = [read(size), read(size), read(size), read(size)];
  expect(used.map((slab) => slab.length)).toEqual([size, size, size, size]);
  expect(new Set(used).size).toBe(4);
});

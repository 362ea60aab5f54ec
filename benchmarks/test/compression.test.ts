import { brotliDecompressSync } from "node:zlib";
import { encodeAtOnce } from "@headgate/gateway/codec";
import { samples } from "../compression/bodies.ts";
import { least } from "../compression/cpu.ts";
import { chooseLevel, type Figure } from "../compression/levels.ts";

const figure = (level: number, share: number, micros: number, kb = 20): Figure => {
  return { codec: "br", level, kb, share, micros };
};

test("a level is taken as long as the bytes it saves are worth its time", () => {
  const figures = [figure(1, 0.4, 10), figure(2, 0.38, 25), figure(3, 0.37, 60)];
  expect(chooseLevel(figures, "br", 0.5)).toBe(1);
  expect(chooseLevel(figures, "br", 1)).toBe(2);
  expect(chooseLevel(figures, "br", 10)).toBe(3);
});

test("all sizes count, other codings do not, and of equals the lower level is taken", () => {
  const other: Figure = { ...figure(9, 0.01, 0), codec: "gzip" };
  const even = [figure(1, 0.3, 10, 2), figure(1, 0.3, 10, 200), figure(4, 0.3, 9.9, 2), figure(4, 0.3, 9.9, 200)];
  expect(chooseLevel([...even, other], "br", 0.5)).toBe(1);
  const apart = [figure(1, 0.5, 10, 2), figure(1, 0.2, 10, 200), figure(4, 0.3, 20, 2), figure(4, 0.2, 20, 200)];
  expect(chooseLevel(apart, "br", 0.5)).toBe(4);
});

test("samples have their sizes, are text, and the same each time", () => {
  const found = samples([2, 200]);
  expect(found.map(({ kb, body }) => body.length === kb * 1000)).toEqual(Array.from({ length: 6 }, () => true));
  expect(samples([2, 200])).toEqual(found);
  for (const { body } of found) {
    const encoded = encodeAtOnce(body, "br", { br: 3, zstd: 3, gzip: 3 });
    expect(brotliDecompressSync(encoded).equals(body)).toBe(true);
    expect(encoded.length).toBeLessThan(body.length * 0.6);
  }
});

test("the least of each figure counts", () => {
  expect(
    least([
      { cpu: 3, elapsed: 9 },
      { cpu: 4, elapsed: 5 },
    ]),
  ).toEqual({ cpu: 3, elapsed: 5 });
});

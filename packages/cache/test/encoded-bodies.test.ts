import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { EncodedBodies } from "../src/encoded-bodies.ts";

const text = (length: number): Buffer => Buffer.alloc(length, "a");

describe("EncodedBodies", () => {
  test("finds an encoded form by its body and coding", () => {
    const kept = new EncodedBodies(10_000);
    const body = text(1000);
    kept.put(body, "br", text(100));
    kept.put(body, "gzip", text(200));
    expect(kept.get(body, "br")).toHaveLength(100);
    expect(kept.get(body, "gzip")).toHaveLength(200);
    expect(kept.get(body, "zstd")).toBeUndefined();
  });

  test("takes another body with the same bytes for another", () => {
    const kept = new EncodedBodies(10_000);
    kept.put(text(1000), "br", text(100));
    expect(kept.get(text(1000), "br")).toBeUndefined();
  });

  test("lets the one used longest ago go", () => {
    const kept = new EncodedBodies(4000);
    const [first, second, third] = [text(1000), text(1000), text(1000)];
    kept.put(first, "br", text(100));
    kept.put(second, "br", text(100));
    kept.get(first, "br");
    kept.put(third, "br", text(100));
    expect([first, second, third].map((body) => kept.get(body, "br") !== undefined)).toEqual([true, false, true]);
  });

  test("keeps nothing larger than its bound, nor what of it was there before", () => {
    const kept = new EncodedBodies(2000);
    const body = text(1000);
    kept.put(body, "br", text(100));
    kept.put(body, "gzip", text(900));
    expect(kept.get(body, "gzip")).toBeUndefined();
    expect(kept.bytes).toBe(0);
  });

  test("keeps none with a bound of 0", () => {
    const kept = new EncodedBodies(0);
    const body = text(10);
    kept.put(body, "br", text(5));
    expect(kept.get(body, "br")).toBeUndefined();
    expect(kept.bytes).toBe(0);
  });

  test("never holds more than its bound", () => {
    const puts = fc.array(fc.tuple(fc.nat(5), fc.constantFrom("br", "gzip", "zstd"), fc.nat(3000)), { maxLength: 60 });
    forAll(puts, (list) => {
      const kept = new EncodedBodies(5000);
      const bodies = [100, 500, 900, 1500, 2500, 4900].map(text);
      return list.every(([index, coding, length]) => {
        kept.put(bodies[index] as Buffer, coding, text(length));
        return kept.bytes <= 5000;
      });
    });
  });
});

import { sampleEntry, sampleVariant } from "../src/conformance/index.ts";
import { addVariant, removeVariant, replaceVariant, type StoredEntry } from "../src/index.ts";

function texts(variants: readonly StoredEntry[] | undefined): string[] | undefined {
  return variants?.map(({ body }) => body.toString());
}

describe("a new response among the variants of its key", () => {
  test("comes first, and the oldest goes over the bound", () => {
    const variants = ["1", "2", "3"].map((foo) => sampleVariant(foo, foo));
    expect(texts(addVariant(variants, sampleVariant("4", "4"), 3))).toEqual(["4", "1", "2"]);
  });

  test("takes the place of the one for the same requests, however these were written", () => {
    const older = sampleEntry("old", { vary: [{ name: "foo", raw: "1, 2", value: "1,2" }] });
    const newer = sampleEntry("new", { vary: [{ name: "foo", raw: "1,2", value: "1,2" }] });
    expect(texts(addVariant([older], newer, 9))).toEqual(["new"]);
  });

  test("with Vary puts the one without out of use, which would answer everything else", () => {
    expect(texts(addVariant([sampleEntry("any")], sampleVariant("one", "1"), 9))).toEqual(["one"]);
  });

  test("stands beside one that varies by something else", () => {
    const bar = sampleEntry("bar", { vary: [{ name: "bar", raw: "1", value: "1" }] });
    expect(texts(addVariant([bar], sampleVariant("foo", "1"), 9))).toEqual(["foo", "bar"]);
  });

  test("leaves those of other identities alone", () => {
    const alice = sampleEntry("alice", { shared: false, identity: "alice" });
    expect(texts(addVariant([alice], sampleEntry("all"), 9))).toEqual(["all", "alice"]);
    expect(texts(addVariant([alice], sampleEntry("new", { shared: false, identity: "alice" }), 9))).toEqual(["new"]);
  });
});

describe("an entry is known again by value, as stores elsewhere hand out copies", () => {
  const one = sampleVariant("one", "1");
  const two = sampleVariant("two", "2");

  test("to be replaced", () => {
    expect(texts(replaceVariant([one, two], structuredClone(two), sampleVariant("new", "2")))).toEqual(["one", "new"]);
    expect(replaceVariant([one], two, two)).toBeUndefined();
    expect(replaceVariant([{ ...two, receivedAt: two.receivedAt + 1 }], two, two)).toBeUndefined();
  });

  test("to be removed", () => {
    expect(texts(removeVariant([one, two], { ...one }))).toEqual(["two"]);
    expect(removeVariant([one], two)).toBeUndefined();
  });
});

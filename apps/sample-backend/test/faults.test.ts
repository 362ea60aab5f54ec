import fc from "fast-check";
import { type Faults, parseFaults, type Query } from "../src/faults.ts";

const none: Faults = { delay: undefined, status: undefined, size: undefined, cache: undefined, drop: undefined };

test.each<[Query, Partial<Faults>]>([
  [{}, {}],
  [{ other: "x" }, {}],
  [{ delay: "0" }, { delay: 0 }],
  [{ delay: "600000" }, { delay: 600_000 }],
  [{ status: "200" }, { status: 200 }],
  [{ status: "599" }, { status: 599 }],
  [{ size: "0" }, { size: 0 }],
  [{ size: "64KiB" }, { size: 65_536 }],
  [{ size: "3MiB" }, { size: 3 * 2 ** 20 }],
  [{ size: "16GiB" }, { size: 2 ** 34 }],
  [{ cache: "max-age=60, public" }, { cache: "max-age=60, public" }],
  [{ drop: "head" }, { drop: "head" }],
  [
    { delay: "5", drop: "body", size: "9" },
    { delay: 5, drop: "body", size: 9 },
  ],
])("%j is read", (query, faults) => {
  expect(parseFaults(query)).toEqual({ kind: "ok", faults: { ...none, ...faults } });
});

test.each<[Query, string]>([
  [{ delay: "600001" }, 'delay: got "600001", expected a whole number from 0 to 600000'],
  [{ delay: "-1" }, 'delay: got "-1"'],
  [{ delay: "1.5" }, 'delay: got "1.5"'],
  [{ delay: "" }, 'delay: got ""'],
  [{ delay: ["1", "2"] }, 'delay: got ["1","2"], expected to be given once'],
  [{ status: "199" }, "from 200 to 599"],
  [{ status: "600" }, "from 200 to 599"],
  [{ size: "1KB" }, 'size: got "1KB", expected bytes'],
  [{ size: "17GiB" }, "up to 16GiB"],
  [{ size: "KiB" }, "size:"],
  [{ cache: "a\nb" }, "without control characters"],
  [{ drop: "tail" }, 'drop: got "tail", expected head or body'],
])("%j is refused", (query, problem) => {
  expect(parseFaults(query)).toEqual({ kind: "invalid", problems: [expect.stringContaining(problem)] });
});

test("every wrong fault is told at once", () => {
  expect(parseFaults({ delay: "x", status: "1", drop: "?" })).toMatchObject({ problems: { length: 3 } });
});

test("no query makes it throw", () => {
  const value = fc.option(fc.oneof(fc.string(), fc.array(fc.string())), { nil: undefined });
  fc.assert(
    fc.property(fc.record({ delay: value, status: value, size: value, cache: value, drop: value }), (query) => {
      expect(["ok", "invalid"]).toContain(parseFaults(query).kind);
    }),
  );
});

import { finishEntry, joinBody, planStore } from "../src/index.ts";
import { anEntry, aResponse, type ResponseChanges } from "./support.ts";

const FRESH = ["Cache-Control", "max-age=60"];

function finish(body: string, changes: ResponseChanges) {
  const plan = planStore(aResponse(changes));
  if (plan.kind === "pass") throw new Error(plan.reason);
  return finishEntry(plan.head, Buffer.from(body));
}

function value(fields: readonly string[], name: string): string | undefined {
  const at = fields.indexOf(name);
  return at < 0 ? undefined : fields[at + 1];
}

describe("a body of another length than announced makes no entry", () => {
  test.each<[string, boolean]>([
    ["1234", false],
    ["12345", true],
    ["123456", false],
  ])("%s of 5 bytes", (body, isEntry) => {
    const plan = finish(body, { fields: [...FRESH, "Content-Length", "5"] });
    expect(plan).toMatchObject(isEntry ? { kind: "entry" } : { kind: "pass", reason: "incomplete" });
  });
});

test("the length is told where upstream did not know it, but not with 204", () => {
  expect(value(anEntry("abc", { fields: FRESH }).fields, "Content-Length")).toBe("3");
  expect(value(anEntry("", { status: 204, fields: FRESH }).fields, "Content-Length")).toBeUndefined();
});

describe("a 206", () => {
  const request = { fields: ["Range", "bytes=-6"] };
  const fields = [...FRESH, "Content-Range", "bytes 4-9/10"];

  test("may have brought less than it says, but not more, and not nothing", () => {
    expect(finish("456789", { status: 206, request, fields }).kind).toBe("entry");
    expect(finish("4567", { status: 206, request, fields }).kind).toBe("entry");
    expect(finish("456789x", { status: 206, request, fields }).kind).toBe("pass");
    expect(finish("", { status: 206, request, fields }).kind).toBe("pass");
  });

  test("with all of the representation is a 200", () => {
    const entry = anEntry("0123", { status: 206, request, fields: [...FRESH, "Content-Range", "bytes 0-3/4"] });
    expect(entry).toMatchObject({ status: 200, part: null });
    expect(value(entry.fields, "Content-Range")).toBeUndefined();
    expect(value(entry.fields, "Content-Length")).toBe("4");
  });
});

test("joined chunks have memory of their own", () => {
  const slab = Buffer.alloc(1 << 16, "a");
  const body = joinBody([slab.subarray(0, 3), Buffer.from("bc")]);
  expect(body.toString()).toBe("aaabc");
  expect(body.buffer.byteLength).toBe(5);
});

test("the size counts all that is held", () => {
  const small = anEntry("x", { fields: FRESH });
  const large = anEntry("x".repeat(10_000), { fields: [...FRESH, "X-Long", "y".repeat(500), "Surrogate-Key", "tag"] });
  expect(small.size).toBeGreaterThan(FRESH.join("").length + 1);
  expect(large.size - small.size).toBeGreaterThan(10_500);
});

test("what is sent of its fields counts beside them, since it is kept as text", () => {
  const sizeOf = (padding: string): number => {
    const plan = finish("", { fields: [...FRESH, "X-Padding", padding] });
    if (plan.kind === "pass") throw new Error(plan.reason);
    return plan.entry.size;
  };
  expect(sizeOf("x".repeat(100)) - sizeOf("")).toBe(200);
});

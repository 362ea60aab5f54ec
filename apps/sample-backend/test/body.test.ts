import { interpretBody, requestId } from "../src/body.ts";

const read = (text: string, type = "application/json") => interpretBody(Buffer.from(text), type);

test.each([
  ['{"a":1}', "application/json", { a: 1 }],
  ['{"a":1}', "application/json; charset=utf-8", { a: 1 }],
  ["[1]", "application/problem+json", [1]],
  ["null", "APPLICATION/JSON", null],
  ['{"a":1}', "text/plain", '{"a":1}'],
  ['{"a":1}', "application/jsonx", '{"a":1}'],
  ["a=1", "", "a=1"],
])("%s as %s", (text, type, body) => {
  expect(read(text, type)).toEqual({ body, bodyBytes: text.length });
});

test("no body is null", () => {
  expect(read("")).toEqual({ body: null, bodyBytes: 0 });
});

test("malformed JSON comes back as text, with a note", () => {
  expect(read('{"a"')).toEqual({ body: '{"a"', bodyBytes: 4, note: expect.stringContaining("not") });
});

test("bytes are counted, not characters", () => {
  expect(read("é", "text/plain")).toEqual({ body: "é", bodyBytes: 2 });
});

test.each([
  [{ id: "a" }, undefined, "a"],
  [{ id: 7 }, undefined, "7"],
  [{ id: "a" }, "header", "a"],
  [{ other: 1 }, "header", "header"],
  ["text", "header", "header"],
  [null, undefined, undefined],
  [{ id: { deep: 1 } }, undefined, undefined],
  [{ id: "x".repeat(300) }, undefined, "x".repeat(200)],
])("the id of %j with X-Request-Id %j", (body, header, id) => {
  expect(requestId(body, header)).toBe(id);
});

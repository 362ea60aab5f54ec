import type { RepeatedFields } from "@headgate/http";
import { fieldList, forAll } from "@headgate/testing";
import fc from "fast-check";
import { interimHead, ResponseHead } from "../../src/downstream/http1/response-head.ts";

const heads = (): ResponseHead => new ResponseHead(() => 0, 75_000);

function composed(...fields: string[]): string {
  const head = heads();
  head.compose({ status: 200, fields }, 3, true);
  return head.text;
}

test("a head has its fields as they are, then what the connection adds", () => {
  expect(composed("X-One", "1", "x-two", "", "X-One", "\tä\xff")).toBe(
    "HTTP/1.1 200 OK\r\nX-One: 1\r\nx-two: \r\nX-One: \tä\xff\r\nContent-Length: 3\r\n" +
      "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n\r\n",
  );
  expect(interimHead(103, ["Link", "</a>"])).toBe("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
});

test.each([
  ["a value that ends its line and begins a field", "X-A", "1\r\nSet-Cookie: a=b"],
  ["a value that ends its line and the head", "X-A", "1\r\n\r\n<script>"],
  ["a bare CR", "X-A", "1\r"],
  ["a bare LF", "X-A", "1\n"],
  ["NUL", "X-A", "\0"],
  ["a character of which an octet would end the line", "X-A", "\u010d\u010a"],
  ["a name that ends its line", "X-A: 1\r\nX-B", "2"],
  ["an empty name", "", "1"],
  ["a name with a space", "X A", "1"],
])("%s is refused, and the field is named", (_what, name, value) => {
  const told = `the response field ${JSON.stringify(name)} has no token for a name`;
  expect(() => composed("X-Before", "1", name, value, "X-After", "2")).toThrow(told);
  expect(() => interimHead(103, ["X-Before", "1", name, value])).toThrow(told);
});

test("whatever the fields, a head that is composed has one line for each", () => {
  forAll(fc.oneof(fieldList(), fc.array(fc.string({ unit: "binary" }), { maxLength: 8 })), (fields) => {
    let text: string;
    try {
      text = composed(...fields);
    } catch (error) {
      return error instanceof Error && error.message.startsWith("the response field");
    }
    const lines = text.split("\r\n");
    const own = lines.slice(1, 1 + (fields.length >> 1));
    return (
      own.every((line, index) => line === `${fields[2 * index]}: ${fields[2 * index + 1]}`) &&
      !/[\r\n]/.test(own.join(""))
    );
  });
});

const repeats = (fields: readonly string[]): RepeatedFields => ({ fields, lines: undefined, told: 0 });

/** Heads of three answers that are said to begin with the same fields, or what refused them. */
function composedOf(status: number, fields: readonly string[], repeated?: RepeatedFields): string[] {
  const head = heads();
  return [1, 2, 3].map(() => {
    try {
      const keep = head.compose({ status, fields: [...fields], ...(repeated && { repeated }) }, "chunked", true);
      return `${head.text} sized ${head.sized} keep ${keep}`;
    } catch (error) {
      return (error as Error).message;
    }
  });
}

test.each<[string, string[], string[]]>([
  ["with others behind them", ["Content-Type", "a/b", "ETag", '"1"'], ["Age", "3", "Via", "1.1 headgate"]],
  [
    "with a length and a date among them",
    ["content-length", "3", "DATE", "Thu, 01 Jan 1970 00:00:00 GMT"],
    ["Age", "3"],
  ],
  ["with a length and a date behind them", ["X-One", "1"], ["Content-Length", "3", "Date", "x"]],
  ["with a value that would end its line among them", ["X-One", "1\r\nX-Two: 2"], ["Age", "3"]],
  ["with a value that would end its line behind them", ["X-One", "1"], ["Age", "3\n"]],
])("repeated fields %s are sent as if each answer stood alone", (_what, list, own) => {
  for (const status of [200, 204, 304]) {
    const repeated = repeats(list);
    expect(composedOf(status, [...list, ...own], repeated)).toEqual(composedOf(status, [...list, ...own]));
    expect(composedOf(status, ["X-New", "1", ...list], repeated)).toEqual(composedOf(status, ["X-New", "1", ...list]));
  }
});

test("repeated fields are kept as text from the second answer on, and what was refused never is", () => {
  const repeated = repeats(["X-One", "\xe9"]);
  const seen = [1, 2, 3].map(() => {
    heads().compose({ status: 200, fields: ["X-One", "\xe9", "Age", "1"], repeated }, 0, true);
    return repeated.lines;
  });
  const kept = "X-One: \xe9\r\n";
  expect(seen).toEqual([null, kept, kept]);
  const refused = repeats(["X-One", "1\n"]);
  composedOf(200, refused.fields, refused);
  expect(refused.lines).toBeUndefined();
});

test("whatever fields have in common, and whatever becomes of them, they are sent as if each answer stood alone", () => {
  const field = fc.tuple(
    fc.constantFrom("Date", "X-A", "content-length", "Via"),
    fc.constantFrom("1", "22", "\xe9", "\n"),
  );
  const fields = fc.array(field, { maxLength: 4 }).map((pairs) => pairs.flat());
  const others = fc.array(fc.tuple(fc.constantFrom(200, 204), fields), { minLength: 1, maxLength: 5 });
  forAll(fields, others, fc.boolean(), (list, answers, together) => {
    const repeated = repeats(list);
    for (const [status, other] of answers) {
      const sent = together ? [...list, ...other] : other;
      expect(composedOf(status, sent, repeated)).toEqual(composedOf(status, sent));
    }
  });
});

import { fieldList, forAll } from "@headgate/testing";
import fc from "fast-check";
import { interimHead, ResponseHead } from "../../src/downstream/http1/response-head.ts";

const heads = (): ResponseHead => new ResponseHead(() => 0, 75_000);

function composed(...fields: string[]): string {
  const head = heads();
  head.compose(200, fields, 3, true);
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

import { fieldList, forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { DATED, endToEnd, endToEndSection, ResponseParser, SIZED } from "../src/index.ts";

/** The fields of a response and their section, as the parser tells them. */
function received(lines: string) {
  const told = { fields: [] as readonly string[], section: "" };
  const ignored = (): void => undefined;
  const parser = new ResponseParser({
    ...{ informational: ignored, data: ignored, end: ignored, upgrade: ignored },
    head: (_status, fields, section) => Object.assign(told, { fields, section }),
    malformed: (fault) => {
      throw fault;
    },
  });
  parser.expect("GET", false);
  parser.execute(Buffer.from(`HTTP/1.1 200 OK\r\n${lines}\r\n`, "latin1"));
  return told;
}

function written(fields: readonly string[]): string {
  let lines = "";
  for (let i = 0; i < fields.length; i += 2) lines += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return lines;
}

const SERVED =
  "Server: a\r\nConnection: keep-alive, x-own\r\nDate: now\r\nX-Own: 1\r\nKeep-Alive: timeout=5\r\nETag: b\r\n";

test("the lines of end-to-end fields, as they came, with what they say of framing", () => {
  const { fields, section } = received(SERVED);
  expect(endToEndSection(fields, section)).toEqual({
    fields: ["Server", "a", "Date", "now", "ETag", "b"],
    lines: "Server: a\r\nDate: now\r\nETag: b\r\n",
    told: DATED,
  });
  const sized = received("content-length: 3\r\n");
  expect(endToEndSection(sized.fields, sized.section)).toMatchObject({ lines: "content-length: 3\r\n", told: SIZED });
});

test.each(["A:b\r\n", "A:  b\r\n", "A:\tb\r\n", "A: b \r\n", "A:b \r\n", "C: d\r\nA:b\r\nE: f\r\n", "A:\r\n"])(
  "%j has white space of its own: there are no lines",
  (lines) => {
    const { fields, section } = received(lines);
    expect(endToEndSection(fields, section)).toEqual({ fields, lines: undefined, told: 0 });
  },
);

test("no section at hand, no lines", () => {
  expect(endToEndSection(["A", "b"], "")).toEqual({ fields: ["A", "b"], lines: undefined, told: 0 });
});

test("lines are what would be written of the fields, whatever white space came", () => {
  const spaces = fc.array(fc.constantFrom(": ", ":", ":\t", ":  "), { minLength: 60, maxLength: 60 });
  forAll(fc.tuple(fieldList(), fc.option(spaces)), ([list, around]) => {
    let text = "";
    for (let i = 0; i < list.length; i += 2) text += `${list[i]}${around?.[i % 60] ?? ": "}${list[i + 1]}\r\n`;
    const { fields, lines } = endToEndSection(list, text);
    expect(fields).toEqual(endToEnd(list));
    const isPlain = text === written(list);
    expect(lines).toBe(isPlain ? written(fields) : undefined);
  });
});

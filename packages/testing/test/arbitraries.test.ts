import { authority, fieldList, fieldValue, forAll, host, token } from "../src/index.ts";

test("tokens hold tchars only", () => {
  forAll(token(), (value) => /^[\w!#$%&'*+\-.^`|~]{1,20}$/.test(value));
});

test("field values hold no control character but HTAB", () => {
  forAll(fieldValue(), (value) =>
    [...value].every((char) => char === "\t" || (char >= " " && char !== "\x7f" && char <= "\xff")),
  );
});

test("field lists are flat pairs of name and value", () => {
  forAll(fieldList(), (list) => list.length % 2 === 0 && list.every((s) => typeof s === "string"));
});

test("hosts and authorities can stand in a URL", () => {
  forAll(host(), (name) => URL.canParse(`http://${name}/`));
  forAll(authority(), (value) => URL.canParse(`http://${value}/`));
});

test("forAll fails where a rule does not hold", () => {
  expect(() => forAll(token(), host(), (a, b) => a.length + b.length < 3)).toThrow("Property failed");
});

test("forAll takes a predicate that asserts and returns nothing", () => {
  forAll(token(), (value) => {
    expect(value).not.toBe("");
  });
});

import { fieldList, forAll, token } from "@headgate/testing";
import * as fc from "fast-check";
import { getField, getFields, hasField, joinField, removeField, setField } from "../src/index.ts";

const LIST = ["Host", "a", "X-One", "1", "x-ONE", "2", "Empty", ""];

test("reads fields whatever their case", () => {
  expect(getField(LIST, "x-one")).toBe("1");
  expect(getField(LIST, "empty")).toBe("");
  expect(getField(LIST, "x-two")).toBeUndefined();
  expect(getFields(LIST, "x-one")).toEqual(["1", "2"]);
  expect(getFields(LIST, "nope")).toEqual([]);
  expect(joinField(LIST, "x-one")).toBe("1, 2");
  expect(joinField(LIST, "empty")).toBe("");
  expect(joinField(LIST, "nope")).toBeUndefined();
  expect(hasField(LIST, "empty")).toBe(true);
  expect(hasField(LIST, "1")).toBe(false);
});

test("a value is never taken for a name", () => {
  const list = ["X-A", "host", "Host", "b"];
  expect(getField(list, "host")).toBe("b");
  removeField(list, "host");
  expect(list).toEqual(["X-A", "host"]);
});

test("sets in the place of the first and removes the others", () => {
  const list = [...LIST];
  setField(list, "X-One", "3");
  expect(list).toEqual(["Host", "a", "X-One", "3", "Empty", ""]);
  setField(list, "X-Two", "4");
  expect(list).toEqual(["Host", "a", "X-One", "3", "Empty", "", "X-Two", "4"]);
});

test("removes in place", () => {
  const list = [...LIST];
  removeField(list, "x-one");
  expect(list).toEqual(["Host", "a", "Empty", ""]);
  removeField(list, "nope");
  expect(list).toHaveLength(4);
});

test("after a set there is exactly that value, and all other fields are as before", () => {
  forAll(fieldList(), token(), fc.string(), (list, name, value) => {
    const lower = name.toLowerCase();
    const others = (fields: string[]) => fields.filter((_, i) => fields[i & ~1]?.toLowerCase() !== lower);
    const before = others(list);
    setField(list, name, value);
    expect(getFields(list, lower)).toEqual([value]);
    expect(others(list)).toEqual(before);
    removeField(list, lower);
    expect(list).toEqual(before);
  });
});

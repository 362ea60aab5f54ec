import { Fact, FieldSection, getField } from "../src/index.ts";

test("a fact is looked for once in a section, whether or not there is one", () => {
  let looks = 0;
  const fact = new Fact((fields) => {
    looks += 1;
    return getField(fields, "x-a") ?? null;
  });
  const [some, none] = [new FieldSection(["X-A", "1"]), new FieldSection(["X-B", "1"])];
  expect([some.of(fact), some.of(fact), none.of(fact), none.of(fact)]).toEqual(["1", "1", null, null]);
  expect(looks).toBe(2);
});

test("facts that are made after a section are found in it too, each by itself", () => {
  const section = new FieldSection(["X-A", "1", "X-B", "2"]);
  const [one, other] = ["x-a", "x-b"].map((name) => new Fact((fields) => getField(fields, name) ?? null));
  expect([one, other].map((fact) => fact && section.of(fact))).toEqual(["1", "2"]);
  expect([other, one].map((fact) => fact && section.of(fact))).toEqual(["2", "1"]);
});

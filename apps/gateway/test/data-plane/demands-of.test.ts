import { compilePolicy, readDemands } from "@headgate/cache";
import { FieldSection } from "@headgate/http";
import { fieldList, forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { demandsOf } from "../../src/caching/cache-request.ts";

const POLICIES = [
  compilePolicy(),
  compilePolicy({ ignoreRequestControl: true }),
  compilePolicy({ key: { cookies: ["session"] } }),
];
const DEMANDING = ["Cache-Control", "no-store", "Cookie", "session=1", "Range", "bytes=0-1", "If-Match", '"a"'];

test("requests of one section demand what their own route's policy lets them", () => {
  const section = new FieldSection(DEMANDING);
  const [usual, deaf, knowing] = POLICIES.map((policy) => demandsOf(section, policy));
  expect(usual).toMatchObject({ control: { noStore: true }, cookie: true, range: true, precondition: true });
  expect(deaf).toMatchObject({ control: undefined, cookie: true });
  expect(knowing).toMatchObject({ control: { noStore: true }, cookie: false });
});

test("whatever the order of policies, a section's demands are those read from its fields", () => {
  forAll(fieldList(), fc.array(fc.constantFrom(...POLICIES), { minLength: 1, maxLength: 6 }), (fields, asked) => {
    const section = new FieldSection([...fields, ...DEMANDING.slice(0, 4)]);
    for (const policy of asked) expect(demandsOf(section, policy)).toEqual(readDemands(section.list, policy));
  });
});

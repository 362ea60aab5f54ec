import { joinField } from "@headgate/http";
import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { ModelCache, type ModelRequest } from "./model.ts";

const identity = fc.constantFrom("alice", "bob", null);
const cacheControl = fc.constantFrom(
  "max-age=60",
  "public, max-age=60",
  "s-maxage=60",
  "private, max-age=60",
  "max-age=60, must-revalidate",
  "no-cache",
  "no-store",
  "max-age=1, stale-while-revalidate=60",
  "",
);
const request = fc.record({
  identity,
  path: fc.constantFrom("/a", "/b"),
  method: fc.constantFrom("GET", "GET", "GET", "HEAD", "POST"),
  foo: fc.constantFrom(undefined, "1", "1, 2", "1,2", "2"),
  authorization: fc.boolean(),
  range: fc.constantFrom(undefined, undefined, "bytes=0-3"),
  /** How the origin answers, if it is asked. */
  cacheControl,
  vary: fc.constantFrom(undefined, "Foo", "foo, bar", "*"),
  status: fc.constantFrom(200, 200, 200, 404),
  waits: fc.constantFrom(0, 500, 2000),
});
type Step = typeof request extends fc.Arbitrary<infer T> ? T : never;

function fieldsOf({ foo, authorization, range }: Step): string[] {
  const fields: string[] = [];
  if (foo !== undefined) fields.push("Foo", foo);
  if (authorization) fields.push("Authorization", "x");
  if (range !== undefined) fields.push("Range", range);
  return fields;
}

/** Who was asked for what when the origin made a response, as its body tells. */
interface Origin {
  readonly identity: string | null;
  readonly foo: string;
  readonly cacheControl: string;
  readonly vary: string | undefined;
  readonly authorization: boolean;
  readonly path: string;
}

/** Runs the steps against one cache; each response tells of whom and for what it was made. */
function run(steps: readonly Step[], holds: (made: Origin, step: Step, isOwn: boolean) => boolean): boolean {
  const made = new Map<string, Origin>();
  let step: Step | undefined;
  const cache = new ModelCache(({ path }) => {
    if (step === undefined) return undefined;
    const id = `id${made.size}`;
    const { identity: who, foo = "-", cacheControl: says, vary, authorization, status } = step;
    made.set(id, { identity: who, foo: foo.replace(" ", ""), cacheControl: says, vary, authorization, path });
    const fields = ["X-Id", id, "Cache-Control", says, ...(vary === undefined ? [] : ["Vary", vary])];
    return { status, fields: [...fields, "ETag", `"${id}"`], body: step.method === "HEAD" ? "" : id };
  });
  for (step of steps) {
    cache.now += step.waits;
    const before = made.size;
    const { method, path, identity: who } = step;
    const sent: ModelRequest = { method, path, identity: who, fields: fieldsOf(step) };
    const response = cache.send(method === "POST" ? { ...sent, body: "x" } : sent);
    const id = joinField([...response.fields], "x-id") ?? "";
    const origin = made.get(id);
    if (origin === undefined || !holds(origin, step, made.size > before)) return false;
  }
  return true;
}

describe("whatever is asked and answered, in any order", () => {
  const steps = fc.array(request, { maxLength: 40 });

  test("no identity gets what was made for another, unless that was public", () => {
    forAll(steps, (todo) =>
      run(todo, (made, step, isOwn) => {
        return isOwn || made.identity === step.identity || /public|s-maxage/.test(made.cacheControl);
      }),
    );
  });

  test("a stored response answers only requests that its Vary fields select", () => {
    forAll(steps, (todo) =>
      run(todo, (made, step, isOwn) => {
        if (isOwn || made.vary === undefined) return true;
        return made.vary !== "*" && made.foo === (step.foo ?? "-").replace(" ", "");
      }),
    );
  });

  test("what is private, not to be stored, or of an authorized request is given to nobody else", () => {
    forAll(steps, (todo) =>
      run(todo, (made, _step, isOwn) => {
        if (isOwn) return true;
        if (/private|no-store|no-cache/.test(made.cacheControl)) return false;
        return !made.authorization || /public|s-maxage|must-revalidate/.test(made.cacheControl);
      }),
    );
  });

  test("each URL gets its own, and unsafe methods are always sent on", () => {
    forAll(steps, (todo) =>
      run(todo, (made, step, isOwn) => made.path === step.path && (step.method !== "POST" || isOwn)),
    );
  });
});

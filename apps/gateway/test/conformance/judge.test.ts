import { judge } from "../../conformance/judge.ts";
import type { Deviation } from "../../conformance/known.ts";
import { counts, report } from "../../conformance/print.ts";
import type { SuiteTest } from "../../conformance/suite.ts";

const test1 = (id: string, more: Partial<SuiteTest> = {}): SuiteTest => ({ id, name: `name of ${id}`, ...more });
const GROUPS = [
  { tests: [test1("a"), test1("b"), test1("browser", { browser_only: true })] },
  { tests: [test1("o", { kind: "optimal" }), test1("c", { kind: "check" }), test1("d", { kind: "check" })] },
];
const deviation = (...ids: string[]): Deviation => ({ ids, rule: "RFC 9111 §1", reason: "the suite errs" });
const failure = ["Assertion", "it did not"] as const;

test("each kind is scored, and what only browsers do is left out", () => {
  const { scores, unexpected } = judge(GROUPS, { a: true, b: true, o: true, c: true, d: failure }, []);
  expect(scores).toEqual([
    { kind: "required", passed: 2, all: 2 },
    { kind: "optimal", passed: 1, all: 1 },
    { kind: "check", passed: 1, all: 2 },
  ]);
  expect(unexpected).toEqual([]);
});

test("a failure is expected only where it is listed, and questions have no wrong answer", () => {
  const verdict = judge(GROUPS, { a: failure, b: failure, o: true, c: true, d: failure }, [deviation("a")]);
  expect(verdict.known).toEqual([deviation("a")]);
  expect(verdict.unexpected).toEqual([{ id: "b", name: "name of b", message: "Assertion: it did not" }]);
  expect(verdict.declined).toEqual(["d"]);
  expect(counts(verdict)).toEqual({ numPassedTests: 1, numFailedTests: 1, numPendingTests: 1, numTodoTests: 0 });
  expect(report(verdict)).toContain("FAILED:\n  b: name of b\n      Assertion: it did not");
});

test("a test that did not run is a failure", () => {
  const { unexpected } = judge(GROUPS, { a: true, o: true }, []);
  expect(unexpected).toEqual([{ id: "b", name: "name of b", message: "it did not run" }]);
});

test("what is listed and passes, or is no test at all, has to go from the list", () => {
  const verdict = judge(GROUPS, { a: true, b: true, o: true }, [deviation("a", "gone")]);
  expect(verdict.outdated).toEqual(["a", "gone"]);
  expect(counts(verdict)).toMatchObject({ numFailedTests: 2 });
  expect(report(verdict)).toContain("not failing: a, gone");
});

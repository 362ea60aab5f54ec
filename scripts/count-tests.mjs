// Adds up the reports of jest and of the conformance run in all packages and apps: the last line of a CI run, after each test that
// failed, in whichever run of it. Fails if there are none.
import { existsSync, readdirSync, readFileSync } from "node:fs";

const totals = { passed: 0, failed: 0, skipped: 0 };
const unitsIn = (group) => readdirSync(new URL(`../${group}`, import.meta.url)).map((name) => `${group}/${name}`);
for (const unit of [...unitsIn("packages"), ...unitsIn("apps"), "benchmarks"]) {
  for (const report of ["test", "coverage", "e2e", "conformance"]) {
    const file = new URL(`../${unit}/reports/${report}.json`, import.meta.url);
    if (!existsSync(file)) continue;
    const result = JSON.parse(readFileSync(file, "utf8"));
    tellFailures(`${unit}, ${report}`, result);
    // The same tests as in "test", a second time.
    if (report === "coverage") continue;
    totals.passed += result.numPassedTests;
    // A suite that could not run has no tests to count, and is a failure all the same.
    totals.failed += result.numFailedTests + (result.numRuntimeErrorTestSuites ?? 0);
    totals.skipped += result.numPendingTests + result.numTodoTests;
  }
}
function tellFailures(run, { testResults = [] }) {
  for (const { assertionResults = [], status, name, message } of testResults) {
    const failed = assertionResults.filter((test) => test.status === "failed");
    for (const test of failed)
      console.log(`failed in ${run}: ${test.fullName}\n${ownLines(test.failureMessages.join("\n"))}`);
    if (status === "failed" && failed.length === 0) console.log(`failed in ${run}: ${name}\n${message}`);
  }
}

/** Without the lines of the libraries' calls. */
function ownLines(text) {
  return text.replace(/^ +at .*node_modules.*\n?/gm, "");
}

console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1);

// Runs jest on TypeScript ES modules in the current package: `node ../../scripts/jest.mjs [--report name] [jest arguments]`.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";

const args = process.argv.slice(2);
const report = args[0] === "--report" ? args.splice(0, 2)[1] : "test";
mkdirSync("reports", { recursive: true });
const jest = createRequire(import.meta.url).resolve("jest/bin/jest");
const { status, signal } = spawnSync(
  process.execPath,
  [
    "--experimental-vm-modules",
    "--disable-warning=ExperimentalWarning",
    jest,
    ...["--json", `--outputFile=reports/${report}.json`],
    ...args,
  ],
  { stdio: ["inherit", "ignore", "inherit"] },
);
if (signal) process.kill(process.pid, signal);
process.exit(status ?? 1);

#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`headgate: found Node ${process.versions.node}, expected 22.19 or newer.\n`);
  process.exit(1);
}

// Imported only now, so that an older Node meets the line above before syntax that it does not know.
const { run } = await import("./cli/run.ts");
process.exitCode = await run(process.argv.slice(2), {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  env: process.env,
  cwd: process.cwd(),
  now: Date.now,
});

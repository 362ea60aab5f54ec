// Runs a built app's command line, building it first in a fresh checkout: `node scripts/run.mjs gateway check --config F`.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [name, ...rest] = process.argv.slice(2);
const build = (...args) => {
  const { status } = spawnSync("turbo", ["run", "build", "--output-logs=errors-only", ...args], {
    cwd: root,
    shell: process.platform === "win32",
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) process.exit(status ?? 1);
};
// pnpm passes a literal `--` on.
const args = rest[0] === "--" ? rest.slice(1) : rest;

if (name === "dev") {
  build();
  const { dev } = await import("./dev.mjs");
  await dev(args);
} else {
  const main = fileURLToPath(new URL(`../apps/${name}/dist/main.js`, import.meta.url));
  if (!existsSync(main)) build(`--filter=@headgate/${name}`);
  process.argv = [process.argv[0], main, ...args];
  await import(pathToFileURL(main).href);
}

import { spawnSync } from "node:child_process";
import { type Folder, makeFolder } from "./config-files.ts";

const source = (name: string): string => new URL(`../src/config/${name}`, import.meta.url).href;

let folder: Folder;
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => folder.remove());

/** Runs a script in a process of its own (jest has a module loader of its own) and gives what it printed as JSON. */
function run(script: string): unknown {
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module-typescript", "--eval", script];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: folder.path, encoding: "utf8" });
  if (status !== 0) throw new Error(`exit code ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

const LOAD = `
  import { writeFileSync } from "node:fs";
  import { loadConfig } from ${JSON.stringify(source("load.ts"))};
  const load = async (config?: string) => {
    try {
      const { snapshot, files } = await loadConfig({ cwd: process.cwd(), env: {}, now: Date.now, config });
      return { pools: snapshot.pools.default.backends.map(({ url }) => url), files };
    } catch (error) {
      return error.name + ": " + error.message;
    }
  };
`;

const TYPED = `import { defineConfig, type ConfigInput } from "@headgate/gateway";
import { backends } from "./lib/backends.ts";
const pools: ConfigInput["pools"] = { default: { backends } };
export default defineConfig({ pools });
`;

const backends = (url: string): string => `export const backends: string[] = [${JSON.stringify(url)}];\n`;

test("a typed config finds this package from anywhere, and is read anew with the modules that it imports", async () => {
  const file = await folder.write("headgate.config.ts", TYPED);
  const imported = await folder.write("lib/backends.ts", backends("http://a:1"));
  const loads = run(`${LOAD}
    const first = await load();
    writeFileSync("lib/backends.ts", ${JSON.stringify(backends("http://b:2"))});
    console.log(JSON.stringify([first, await load()]));`);
  const files = [file, imported];
  expect(loads).toEqual([
    { pools: ["http://a:1"], files },
    { pools: ["http://b:2"], files },
  ]);
});

test("JavaScript does as well", async () => {
  await folder.write("own.mjs", 'export default { pools: { default: { backends: ["http://c:3"] } } };');
  expect(run(`${LOAD} console.log(JSON.stringify(await load("own.mjs")));`)).toMatchObject({ pools: ["http://c:3"] });
});

test.each([
  [
    "no default export",
    "export const config = {};",
    "UserError: The config file x.ts has no default export: expected export default defineConfig({ … }).",
  ],
  ["what it throws", 'throw new Error("not today");', "UserError: The config file x.ts cannot be run: not today"],
  [
    "a wrong value",
    'export default { cache: { ttl: "x" } };',
    'ConfigError: x.ts: cache.ttl: found "x", expected a duration such as 250ms, 1s, 5m',
  ],
  [
    "a module that is missing",
    'import "./no.ts";',
    /^UserError: The config file x\.ts cannot be run: Cannot find module .*no\.ts/,
  ],
  ["syntax", "export default {", /^UserError: The config file x\.ts cannot be run: /],
])("%s is told", async (_, text, told) => {
  await folder.write("x.ts", text);
  expect(run(`${LOAD} console.log(JSON.stringify(await load("x.ts")));`)).toEqual(
    typeof told === "string" ? told : expect.stringMatching(told),
  );
});

test("a missing file is told before it is run", () => {
  expect(run(`${LOAD} console.log(JSON.stringify(await load("no.ts")));`)).toBe(
    "UserError: The config file no.ts cannot be read: there is no such file.",
  );
});

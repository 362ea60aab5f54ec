import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import type { CommandContext, StartOptions } from "../src/cli/options.ts";
import { buildProgram } from "../src/cli/program.ts";
import { run } from "../src/cli/run.ts";
import { UserError } from "../src/errors.ts";
import { type Folder, makeFolder } from "./config-files.ts";

let folder: Folder;
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => folder.remove());

interface Options {
  env?: Record<string, string>;
  start?: (options: StartOptions) => Promise<void>;
}

/** Runs one command line in this process. */
async function headgate(args: string[], { env = {}, start }: Options = {}) {
  const told: { out: string[]; err: string[] } = { out: [], err: [] };
  const context: CommandContext = {
    stdout: (text) => told.out.push(text),
    stderr: (text) => told.err.push(text),
    env,
    cwd: folder.path,
    now: Date.now,
  };
  const code = await run(args, context, buildProgram(context, start));
  return { code, out: told.out.join(""), err: told.err.join("") };
}

describe("start", () => {
  test.each<[string[], StartOptions]>([
    [[], { debug: false }],
    [["--debug"], { debug: true }],
    [["--config", "a.yaml", "--workers", "auto"], { config: "a.yaml", debug: false, workers: "auto" }],
  ])("%j", async (args, options) => {
    const started: unknown[] = [];
    const start = async (given: StartOptions): Promise<void> => void started.push(given);
    expect(await headgate(["start", ...args], { start })).toEqual({ code: 0, out: "", err: "" });
    expect(started).toEqual([options]);
  });

  test("an expected failure is one line and exit code 1; anything else is a bug and thrown on", async () => {
    const failing = (error: Error) => ({ start: () => Promise.reject(error) });
    expect(await headgate(["start"], failing(new UserError("Port 8080 is in use.")))).toEqual({
      code: 1,
      out: "",
      err: "headgate: Port 8080 is in use.\n",
    });
    await expect(headgate(["start"], failing(new TypeError("oops")))).rejects.toThrow("oops");
  });
});

describe("check", () => {
  test("prints the effective config with units, secrets redacted, warnings aside", async () => {
    const { code, out, err } = await headgate(["check"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^# The effective config, from the built-in defaults \(no config file\)\n/);
    expect(parse(out)).toMatchObject({
      cache: { ttl: "5m", memory: "64MiB", entries: 1000 },
      limits: { head: "16KiB", exchanges: 10_000 },
      pools: { default: { timeouts: { head: "30s" }, health: { interval: "1s", failures: 3 } } },
      auth: { apiKeys: [{ name: "dev", key: "(redacted)" }] },
    });
    expect(out).not.toContain("test-api-key-123");
    expect(err).toMatch(/^warning: auth\.apiKeys\[0\]\.key is the development key.*\n$/);
  });

  test("what it prints with the secrets is a config, and the same one", async () => {
    await folder.write(
      "a.yaml",
      "auth: { apiKeys: [{ name: a, key: b }] }\ncache: { ttl: 90s, memory: 1MB }\nroutes: [{ cache: false }]",
    );
    const first = await headgate(["check", "--config", "a.yaml", "--show-secrets"], {
      env: { HEADGATE_ADMIN: "false" },
    });
    expect(first.out).toMatch(/^# The effective config, from a\.yaml, with HEADGATE_ADMIN\n/);
    expect(parse(first.out)).toMatchObject({ cache: { ttl: "90s", memory: 1_000_000 }, admin: false });
    await folder.write("b.yaml", first.out);
    const second = await headgate(["check", "--config", "b.yaml", "--show-secrets"]);
    expect(parse(second.out)).toEqual(parse(first.out));
    expect([first.err, second.err]).toEqual(["", ""]);
  });

  test("lists every error, and prints no config", async () => {
    await folder.write("a.json", '{ "cache": { "ttl": "1 sec" }, "nope": 1 }');
    const { code, out, err } = await headgate(["check", "--config", "a.json"]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err.split("\n")).toEqual([
      "headgate: The config has 2 errors:",
      'a.json:1:14: cache.ttl: found "1 sec", expected a duration such as 250ms, 1s, 5m (did you mean 1s?)',
      expect.stringContaining("a.json:1:32: nope: found an unknown key, expected listeners, "),
      "",
    ]);
  });
});

test("schema prints a JSON Schema that knows every section", async () => {
  const { code, out } = await headgate(["schema"]);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    additionalProperties: false,
    properties: {
      cache: { properties: { ttl: { default: "300s", unit: "duration", type: ["number", "string"] } } },
      workers: {},
    },
  });
});

test("docs/configuration.md is what the schema says now (pnpm --filter @headgate/gateway run docs)", async () => {
  const { out } = await headgate(["schema", "--markdown"]);
  expect(await readFile(new URL("../../../docs/configuration.md", import.meta.url), "utf8")).toBe(out);
});

test("every option is told in the documentation", async () => {
  const { out } = await headgate(["schema", "--markdown"]);
  const rows = out.split("\n").filter((line) => line.startsWith("| `"));
  expect(rows.length).toBeGreaterThan(60);
  for (const row of rows) expect(row).toMatch(/^\| `[\w.[\]]+` \| [^|]+ \| [^|]*\| \S.*\. \|$/);
});

test.each([
  [["--help"], 0, "out", "Usage: headgate"],
  [["check", "--help"], 0, "out", "--show-secrets"],
  [["chekc"], 2, "err", "unknown command 'chekc'"],
  [["start", "--wrokers", "2"], 2, "err", "(Did you mean --workers?)"],
  [["check", "extra"], 2, "err", "too many arguments"],
  [["start", "--config"], 2, "err", "argument missing"],
] as const)("headgate %j ends with %d", async (args, code, stream, text) => {
  const told = await headgate([...args]);
  expect(told.code).toBe(code);
  expect(told[stream]).toContain(text);
});

describe("as a process", () => {
  const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  const spawn = (...args: string[]) =>
    spawnSync(process.execPath, [main, ...args], { cwd: folder.path, encoding: "utf8", env: { NODE_ENV: "test" } });

  test("check prints the config and ends with 0", () => {
    const { status, stdout, stderr } = spawn("check");
    expect(status).toBe(0);
    expect(parse(stdout)).toMatchObject({ workers: 1 });
    expect(stderr).toMatch(/^warning: auth\.apiKeys/);
  });

  test("a missing file is one line, exit code 1 and no stack", () => {
    const { status, stderr } = spawn("check", "--config", "none.yaml");
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: "headgate: The config file none.yaml cannot be read: there is no such file.\n",
    });
  });

  test("bad arguments end with 2", () => {
    expect(spawn("chekc").status).toBe(2);
  });
});

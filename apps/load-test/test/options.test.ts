import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommanderError } from "commander";
import { loadBody } from "../src/body.ts";
import { loadCommand } from "../src/command.ts";
import { checkOptions, type LoadOptions } from "../src/options.ts";
import { connectionsFor, planLoad } from "../src/plan.ts";

async function flags(...args: string[]): Promise<Record<string, unknown>> {
  let given: Record<string, unknown> = {};
  const command = loadCommand(async (flagsGiven) => {
    given = flagsGiven;
  }).configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  await command.parseAsync(args, { from: "user" });
  return given;
}

async function options(...args: string[]): Promise<LoadOptions> {
  const outcome = checkOptions(await flags(...args));
  if (outcome.kind === "invalid") throw new Error(outcome.problems.join("\n"));
  return outcome.options;
}

const problems = async (...args: string[]) => {
  const outcome = checkOptions(await flags(...args));
  return outcome.kind === "invalid" ? outcome.problems : [];
};

async function planFor(...args: string[]) {
  const checked = await options(...args);
  const body = loadBody(checked);
  if (body.kind === "invalid") throw new Error(body.problem);
  return planLoad(checked, body.body);
}

test("without a word it posts JSON to the gateway, 100 a second for 10 s", async () => {
  const plan = await planFor();
  expect(plan).toMatchObject({
    url: new URL("https://localhost:8443/test"),
    method: "POST",
    headers: { "X-API-Key": "test-api-key-123", "Content-Type": "application/json" },
    rate: 100,
    seconds: 10,
    timeout: 10,
  });
  expect(JSON.parse(String(plan.body))).toEqual({ hello: "world", id: "[<id>]" });
});

test.each([
  ["10", 10],
  ["0.5", 0.5],
  ["500ms", 0.5],
  ["10s", 10],
  ["1.5m", 90],
  ["24h", 86_400],
])("--duration %s is %d seconds", async (text, seconds) => {
  expect((await options("--duration", text)).duration).toBe(seconds);
});

test.each([
  [["--rps", "abc"], '--rps: got "abc", expected requests a second above 0 and up to 100000, such as 100'],
  [["--rps", "0"], '--rps: got "0"'],
  [["--rps", "-5"], '--rps: got "-5"'],
  [["--rps", "1e3"], '--rps: got "1e3"'],
  [["--rps", "100001"], "up to 100000"],
  [["--duration", "1 sec"], '--duration: got "1 sec", expected seconds, or a time with its unit'],
  [["--duration", "0"], '--duration: got "0"'],
  [["--duration", "25h"], "up to 24h"],
  [["--url", "localhost:8443"], '--url: got "localhost:8443", expected an http or https address'],
  [["--url", "ftp://x/"], "--url:"],
  [["--connections", "1.5"], '--connections: got "1.5", expected a whole number from 1 to 10000'],
  [["--timeout", "0"], "--timeout:"],
  [["--method", "BREW"], '--method: got "BREW", expected one of GET, HEAD, POST'],
  [["--method", "CONNECT"], "--method:"],
  [["--header", "no colon"], "--header: got \"no colon\", expected name and value, such as 'Accept: text/html'"],
  [["--header", "a b: c"], "--header:"],
  [["--header", "a: b\r\nX: y"], "--header:"],
  [["--api-key", "a\nb"], "--api-key:"],
  [["--slo", "p99<5%"], "--slo: p99<5%: a latency"],
])("%j is refused with its reason", async (args, problem) => {
  expect(await problems(...args)).toEqual([expect.stringContaining(problem)]);
});

test("all that is wrong is told at once", async () => {
  expect(await problems("--rps", "x", "--duration", "y", "--url", "z")).toHaveLength(3);
});

test("unknown options and stray words are commander's errors", async () => {
  await expect(flags("--rsp", "5")).rejects.toThrow(/unknown option '--rsp'[\s\S]*--rps/);
  await expect(flags("extra")).rejects.toThrow(CommanderError);
  await expect(flags("--rps")).rejects.toThrow("argument missing");
});

test("headers come as given, repeated ones joined; they win over the key and the content type", async () => {
  const { headers } = await planFor(
    "--header",
    "x-api-key: other",
    "--header",
    "A: 1",
    "--header",
    "a: 2:3",
    "--header",
    "content-type: text/x",
  );
  expect(headers).toEqual({ "x-api-key": "other", a: "1, 2:3", "content-type": "text/x" });
});

test("an empty key sends none; a GET has no body", async () => {
  const plan = await planFor("--api-key", "", "--method", "get");
  expect(plan).toMatchObject({ method: "GET", headers: {}, body: undefined });
});

test("a body is JSON as it stands, or a file", async () => {
  expect(await planFor("--body", '{"a":1}', "--method", "DELETE")).toMatchObject({ body: Buffer.from('{"a":1}') });
  const folder = mkdtempSync(join(tmpdir(), "loadtest-"));
  writeFileSync(join(folder, "a.json"), "[1]");
  writeFileSync(join(folder, "a.bin"), Buffer.from([0, 255]));
  const json = await planFor("--body", join(folder, "a.json"));
  expect([json.body, json.headers["Content-Type"]]).toEqual([Buffer.from("[1]"), "application/json"]);
  const bytes = await planFor("--body", join(folder, "a.bin"));
  expect([bytes.body, bytes.headers["Content-Type"]]).toEqual([Buffer.from([0, 255]), "application/octet-stream"]);
});

test("an empty POST says that it is empty", async () => {
  const folder = mkdtempSync(join(tmpdir(), "loadtest-"));
  writeFileSync(join(folder, "empty"), "");
  expect((await planFor("--body", join(folder, "empty"))).headers).toHaveProperty("Content-Length", "0");
});

test("a body that is neither JSON nor a file is told", async () => {
  expect(loadBody({ body: "{a:1}", method: "POST" })).toEqual({
    kind: "invalid",
    problem: `--body: got "{a:1}", expected JSON, such as '{"a":1}', or a file that exists`,
  });
  expect(loadBody({ body: tmpdir(), method: "POST" })).toMatchObject({ kind: "invalid" });
});

test.each([
  [1, undefined, { open: 1, most: 10 }],
  [100, undefined, { open: 20, most: 100 }],
  [300, undefined, { open: 50, most: 256 }],
  [5000, undefined, { open: 50, most: 256 }],
  [100, 7, { open: 7, most: 7 }],
])("connections for %d a second, asked for %s", (rate, asked, expected) => {
  expect(connectionsFor(rate, asked)).toEqual(expected);
});

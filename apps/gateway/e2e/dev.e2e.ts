import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { type Answer, ask } from "./support/http-client.ts";
import { eventually } from "./support/raw-client.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const MAIN = fileURLToPath(new URL("./support/dev-main.ts", import.meta.url));
const BACKENDS = [8000, 8001, 8002, 8003];
const PORTS = [...BACKENDS, 8080, 8443, 9901];
const KEY = { "X-API-Key": "test-api-key-123" };
/** What `dev` has for its end, ms. */
const END = 5000;

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen({ port, host: "127.0.0.1", exclusive: true });
  const free = await once(server, "listening").then(
    () => true,
    () => false,
  );
  server.close();
  return free;
}

async function taken(): Promise<number[]> {
  const free = await Promise.all(PORTS.map(isFree));
  return PORTS.filter((_, index) => !free[index]);
}

/** Processes of this session that still run: `dev` and all it has started, however they are grouped. */
function processesWith(mark: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "utf8").includes(mark);
    } catch {
      return false;
    }
  });
}

/** An environment variable that marks every process that comes of this `dev`. */
let mark = "";

interface Dev {
  child: ChildProcess;
  /** What it and all it has started have printed so far; of no other `dev`, whose last lines may be read late. */
  output: () => string;
}

async function start(): Promise<Dev> {
  mark = `HEADGATE_DEV_TEST_${process.pid}_${Date.now()}`;
  const env = { ...process.env, DEV_TEST_MARK: mark };
  const child = spawn(process.execPath, [MAIN], { cwd: ROOT, env, detached: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (output += chunk));
  let ended = false;
  child.once("close", () => {
    ended = true;
  });
  await eventually(() => ended || output.includes("headgate is ready"), "it has started", 50_000);
  return { child, output: () => output };
}

afterEach(() => {
  for (const pid of processesWith(mark)) process.kill(Number(pid), "SIGKILL");
});

const get = (url: string, headers: Record<string, string> = KEY): Promise<Answer> => ask(url, { headers });

const busy = await taken();
const run = busy.length === 0 ? test : test.skip;
if (busy.length > 0) process.stderr.write(`dev.e2e.ts is skipped: ports ${busy.join(", ")} are in use\n`);

/** A signal to the whole group, as a terminal or a supervisor sends it. */
async function end({ child }: Dev, signal: NodeJS.Signals): Promise<void> {
  const began = performance.now();
  const exited = once(child, "exit");
  process.kill(-(child.pid ?? 0), signal);
  await exited;
  await eventually(() => processesWith(mark).length === 0, "no process is left", END);
  expect(await taken()).toEqual([]);
  expect(performance.now() - began).toBeLessThan(END);
  expect(child.exitCode).toBe(0);
}

run("pnpm dev answers as the quick start says; SIGTERM to its group leaves no process and no port", async () => {
  const dev = await start();
  const url = "https://127.0.0.1:8443/test";
  const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => get(`${url}?x=${index}`)));
  const ports = answers.map(({ text }) => JSON.parse(text).port);
  expect(ports.toSorted()).toEqual(BACKENDS.flatMap((port) => [port, port]));
  expect((await get(`${url}?again`)).headers["x-cache"]).toBe("MISS");
  expect((await get(`${url}?again`)).headers).toMatchObject({ "x-cache": "HIT", age: expect.stringMatching(/^\d+$/) });
  expect((await get(url, {})).status).toBe(401);
  const headers = { ...KEY, "Content-Type": "application/json" };
  const posted = await ask(url, { method: "POST", headers, body: '{"hello": "world"}' });
  expect(JSON.parse(posted.text)).toMatchObject({ method: "POST", path: "/test", body: { hello: "world" } });
  expect((await get("http://127.0.0.1:8080/test")).status).toBe(200);
  expect((await get("http://127.0.0.1:9901/readyz")).status).toBe(200);
  expect(dev.output()).toContain("curl -k https://localhost:8443/test");
  await end(dev, "SIGTERM");
});

run("Ctrl-C leaves no process and no port", async () => {
  await end(await start(), "SIGINT");
});

run("when dev itself is killed, what it started ends by itself", async () => {
  const { child } = await start();
  child.kill("SIGKILL");
  await eventually(() => processesWith(mark).length === 0, "no process is left", 20_000);
  expect(await taken()).toEqual([]);
});

run("a port in use is told in one line, exit 1", async () => {
  const server = createServer().listen(8001, "127.0.0.1");
  await once(server, "listening");
  const { child, output } = await start();
  expect(child.exitCode).toBe(1);
  expect(output()).toMatch(/^pnpm dev: port 8001 \(sample backend\) is in use: .+\n$/);
  server.close();
});

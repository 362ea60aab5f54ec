import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { closeServers, serve } from "./support.ts";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  closeServers();
});

function launch(...args: string[]) {
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      text += String(chunk);
    });
  }
  return { child, output: () => text, exit: once(child, "close") };
}

test("--help exits 0, a wrong option and a wrong value exit 2", async () => {
  const [help, option, value] = [launch("--help"), launch("--rsp", "1"), launch("--rps", "abc")];
  expect((await help.exit)[0]).toBe(0);
  expect(help.output()).toContain("Exit status:");
  expect((await option.exit)[0]).toBe(2);
  expect(option.output()).toContain("unknown option '--rsp'");
  expect((await value.exit)[0]).toBe(2);
  expect(value.output()).toBe(
    'loadtest: --rps: got "abc", expected requests a second above 0 and up to 100000, such as 100\n',
  );
});

test("Ctrl-C ends it with a report of what was measured so far", async () => {
  let tester: ReturnType<typeof launch> | undefined;
  let count = 0;
  const url = await serve((_request, response) => {
    count += 1;
    response.end("ok");
    if (count === 10) tester?.child.kill("SIGINT");
  });
  tester = launch("--url", url, "--duration", "60");
  expect((await tester.exit)[0]).toBe(130);
  expect(tester.output()).toMatch(/Stopped after [\d.]+ m?s/);
  expect(tester.output()).toContain("Status     200: ");
});

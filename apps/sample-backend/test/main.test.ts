import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const children: ChildProcess[] = [];

function launch(...args: string[]): { child: ChildProcess; output: () => string; exit: Promise<unknown[]> } {
  const child = fork(main, args, { stdio: ["ignore", "pipe", "pipe", "ipc"], execArgv: [] });
  children.push(child);
  let text = "";
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  for (const stream of streams) stream.on("data", (chunk) => (text += String(chunk)));
  // Not "close": that never comes once the parent has closed the channel.
  const exit = Promise.all([once(child, "exit"), ...streams.map((stream) => once(stream, "close"))]).then(
    ([how]) => how,
  );
  return { child, output: () => text, exit };
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

test.each(["SIGTERM", "SIGINT", "disconnect"] as const)(
  "it says where it listens and stops cleanly on %s",
  async (how) => {
    const { child, output, exit } = launch("0");
    const [{ url }] = (await once(child, "message")) as [{ url: string }];
    expect((await fetch(url)).status).toBe(200);
    expect(output()).toBe(`sample-backend listening on ${url}\n`);
    if (how === "disconnect") child.disconnect();
    else child.kill(how);
    expect(await exit).toEqual([0, null]);
  },
);

test("a second signal while it stops changes nothing", async () => {
  const { child, exit } = launch("0");
  const [{ url }] = (await once(child, "message")) as [{ url: string }];
  const stream = await fetch(`${url}/events`);
  child.kill("SIGINT");
  child.kill("SIGTERM");
  await expect(stream.text()).rejects.toThrow();
  expect(await exit).toEqual([0, null]);
});

test("a port in use is one line and exit 1", async () => {
  const first = launch("0");
  const [{ port }] = (await once(first.child, "message")) as [{ port: number }];
  const second = launch(String(port));
  expect(await second.exit).toEqual([1, null]);
  expect(second.output()).toBe(
    `sample-backend: port ${port} on 127.0.0.1 is in use: stop what runs there or choose another port\n`,
  );
});

test("wrong arguments are told and exit 2; --help exits 0", async () => {
  const wrong = launch("99999");
  expect(await wrong.exit).toEqual([2, null]);
  expect(wrong.output()).toContain("99999");
  expect(wrong.output()).not.toContain("    at ");
  const help = launch("--help");
  expect(await help.exit).toEqual([0, null]);
  expect(help.output()).toContain("Usage: sample-backend");
});

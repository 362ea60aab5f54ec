import { execFileSync, spawn } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LARGEST_WHOLE, LineWriter } from "../../src/observability/line-writer.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "headgate-log-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A pipe with both ends in this process; the writing end does not wait. */
function makePipe(): { reader: number; writer: number } {
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK) };
}

/** Reads a pipe until nothing is in it. */
function drain(reader: number): string {
  const buffer = Buffer.alloc(1024 * 1024);
  let text = "";
  try {
    for (let read = readSync(reader, buffer); read > 0; read = readSync(reader, buffer))
      text += buffer.toString("utf8", 0, read);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
  }
  return text;
}

test("lines come out whole, in order, whatever their number", async () => {
  const path = join(folder, "log");
  const fd = openSync(path, "w");
  const writer = new LineWriter(fd);
  const lines = Array.from({ length: 5_000 }, (_, index) => `line ${index} ümläut\n`);
  for (const line of lines) writer.write(line);
  await writer.close();
  closeSync(fd);
  expect(readFileSync(path, "utf8")).toBe(lines.join(""));
});

test("closing an idle writer resolves at once", async () => {
  await new LineWriter(1).close();
});

test("a reader that stands still costs lines beyond 4 MiB, never time; their number is told when it goes on", async () => {
  const { reader, writer: fd } = makePipe();
  const writer = new LineWriter(fd);
  const line = `${"x".repeat(1023)}\n`;
  const started = performance.now();
  for (let count = 0; count < 6_000; count++) writer.write(line);
  expect(performance.now() - started).toBeLessThan(1_000);
  let text = "";
  while (!text.includes("}\n")) {
    text += drain(reader);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const [notice] = text.split("\n").filter((each) => each.startsWith("{"));
  const written = text.split("\n").filter((each) => each.length === 1023).length;
  expect(JSON.parse(notice ?? "")).toMatchObject({ level: "warn", dropped: 6_000 - written });
  closeSync(reader);
  closeSync(fd);
});

test("a closed reader is no error, and closing does not wait for it", async () => {
  const { reader, writer: fd } = makePipe();
  closeSync(reader);
  const writer = new LineWriter(fd);
  writer.write("one\n");
  await new Promise((resolve) => setTimeout(resolve, 20));
  writer.write("two\n");
  await writer.close();
  closeSync(fd);
});

test("closing gives a reader that stands still one second", async () => {
  const { reader, writer: fd } = makePipe();
  const writer = new LineWriter(fd);
  writer.write("x".repeat(1024 * 1024));
  const started = performance.now();
  await writer.close();
  expect(performance.now() - started).toBeGreaterThan(900);
  drain(reader);
  await new Promise((resolve) => setTimeout(resolve, 50));
  closeSync(reader);
  await new Promise((resolve) => setTimeout(resolve, 50));
  closeSync(fd);
});

test("a process that logs to a closed pipe lives on", async () => {
  const source = `
    import { LARGEST_WHOLE, LineWriter } from ${JSON.stringify(new URL("../../src/observability/line-writer.ts", import.meta.url).href)};
    const writer = new LineWriter(1);
    let count = 0;
    setInterval(() => { writer.write("line " + count + "\\n"); if (++count === 20) process.exit(7); }, 5);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.stdout.once("data", () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.once("exit", resolve));
  expect(code).toBe(7);
});

test("lines of several writers stay whole, since each write has no more of them than a pipe takes at once", async () => {
  const { reader, writer: fd } = makePipe();
  const writers = ["a", "b", "c"].map((name) => ({ name, writer: new LineWriter(fd, LARGEST_WHOLE) }));
  const size = (index: number): number => (index * 37) % 900;
  for (let index = 0; index < 300; index++)
    for (const { name, writer } of writers) writer.write(`${name} ${index} ${name.repeat(size(index))}\n`);
  let text = "";
  const closing = Promise.all(writers.map(({ writer }) => writer.close())).then(() => true);
  while (!(await Promise.race([closing, new Promise((resolve) => setImmediate(resolve, false))])))
    text += drain(reader);
  text += drain(reader);
  for (const end of [reader, fd]) closeSync(end);
  for (const { name } of writers) {
    const own = text.split("\n").filter((line) => line.startsWith(name));
    expect(own).toEqual(Array.from({ length: 300 }, (_, index) => `${name} ${index} ${name.repeat(size(index))}`));
  }
});

test("a line that is longer than that goes out alone", async () => {
  const path = join(folder, "log");
  const fd = openSync(path, "w");
  const writer = new LineWriter(fd, 16);
  const lines = ["short\n", `${"long ".repeat(20)}\n`, "a\n", "b\n"];
  for (const line of lines) writer.write(line);
  await writer.close();
  closeSync(fd);
  expect(readFileSync(path, "utf8")).toBe(lines.join(""));
});

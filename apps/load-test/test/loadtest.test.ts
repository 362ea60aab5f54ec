import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { exitCodes, loadtest } from "../src/loadtest.ts";
import { createProgress } from "../src/progress.ts";
import { summarySchema } from "../src/summary.ts";
import { selfSigned } from "./certificate.ts";
import { closeServers, serve, serveOn } from "./support.ts";

afterEach(closeServers);

const folder = mkdtempSync(join(tmpdir(), "loadtest-"));
const base = { rps: "50", duration: "0.4", method: "POST", apiKey: "k", timeout: "5" };

function stream(isTTY = false): { stream: NodeJS.WriteStream; text: () => string } {
  const through = Object.assign(new PassThrough(), { isTTY, columns: 100 });
  let text = "";
  through.on("data", (chunk) => {
    text += String(chunk);
  });
  return { stream: through as unknown as NodeJS.WriteStream, text: () => text };
}

async function start(flags: Record<string, unknown>, signal = new AbortController().signal) {
  const [out, err] = [stream(), stream()];
  const code = await loadtest({ ...base, ...flags }, { out: out.stream, err: err.stream }, signal);
  return { code, out: out.text(), err: err.text() };
}

test("a good run over TLS passes, and writes its reports", async () => {
  let posts = 0;
  const server = createServer(selfSigned(), (request, response) => {
    if (request.method === "POST" && request.headers["x-api-key"] === "k") posts += 1;
    response.setHeader("X-Cache", "MISS").setHeader("X-Backend-Server", "127.0.0.1:8000").end("ok");
  });
  const url = (await serveOn(server)).replace("http:", "https:").replace("//", "//user:secret@");
  const [html, json] = [join(folder, "a.html"), join(folder, "a.json")];
  const { code, out, err } = await start({ url, html, json, slo: "p99<5s,errors=0", rps: "100", duration: "1" });
  expect({ code, posts }).toEqual({ code: exitCodes.met, posts: 100 });
  expect(out).toContain("Requests   100 of 100 sent, 100 answered, 0 failed");
  expect(out).toContain("Passed.");
  expect(err).toMatch(/^1 s: \d+ of 100 sent/);
  expect(readFileSync(html, "utf8")).toContain("<!doctype html>");
  const written = readFileSync(json, "utf8");
  expect(summarySchema.parse(JSON.parse(written))).toMatchObject({ backends: { "127.0.0.1:8000": 100 }, rate: 100 });
  for (const text of [out, err, written, readFileSync(html, "utf8")]) expect(text).not.toContain("secret");
  const again = await start({ url, compare: json, json });
  expect(again.out).toMatch(/^Compared +before +now +change$/m);
});

test("a missed objective and a missed rate are exit 1, and named", async () => {
  const failing = await serve((_request, response) => response.writeHead(503).end());
  const slo = await start({ url: failing, slo: "errors<1%" });
  expect(slo).toMatchObject({
    code: exitCodes.missed,
    out: expect.stringContaining("Missed the objective errors<1%: 100.0 %."),
  });
  let count = 0;
  const breaking = await serve((request, response) => {
    count += 1;
    if (count % 2) response.end();
    else request.socket.destroy();
  });
  const rate = await start({ url: breaking });
  expect(rate).toMatchObject({
    code: exitCodes.missed,
    out: expect.stringContaining("Missed the asked rate: 25/s answered of 50/s"),
  });
});

test("a target that is not there is exit 3 and one line that says what to try", async () => {
  const url = await serve(() => undefined);
  closeServers();
  const { code, out, err } = await start({ url });
  expect({ code, out }).toEqual({ code: exitCodes.unreachable, out: "" });
  expect(err).toMatch(/^loadtest: cannot reach http:\S+: nothing listens there .*`pnpm dev`.*\n$/);
});

test("wrong arguments are exit 2, a line each, before anything is sent", async () => {
  let requests = 0;
  const url = await serve(() => {
    requests += 1;
  });
  const earlier = join(folder, "earlier.json");
  writeFileSync(earlier, "{}");
  const flags = { url, body: "nothing", compare: earlier, html: join(folder, "no", "a.html") };
  const { code, err } = await start(flags);
  expect({ code, requests }).toEqual({ code: exitCodes.arguments, requests: 0 });
  expect(err.split("\n")).toEqual([
    expect.stringContaining('loadtest: --body: got "nothing"'),
    expect.stringContaining(`loadtest: --compare: ${earlier}: not a report`),
    expect.stringContaining("loadtest: --html: cannot write: ENOENT"),
    "",
  ]);
  expect(await start({ url, rps: "abc" })).toMatchObject({
    code: exitCodes.arguments,
    err: expect.stringContaining('--rps: got "abc"'),
  });
});

test("stopped early it prints what it has, with an exit status of its own", async () => {
  const stop = new AbortController();
  const url = await serve((_request, response) => {
    stop.abort();
    response.end();
  });
  const { code, out } = await start({ url, duration: "60" }, stop.signal);
  expect(code).toBe(exitCodes.interrupted);
  expect(out).toContain("these are the figures up to then");
});

test("on a terminal the progress is one line that is redrawn", () => {
  const { stream: terminal, text } = stream(true);
  const progress = createProgress(terminal, 100);
  progress.update({ sent: 40, answered: 39, failed: 1 });
  progress.stop();
  expect(text()).toContain("40 of 100 sent | 39 answered, 1 failed");
  expect(text()).not.toContain("\n");
});

import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { createApp } from "../src/app.ts";
import { firstLine, rawRequest, start, stopAll } from "./support.ts";

afterEach(stopAll);

test("a delay is waited for, and combines with a status", async () => {
  const { url } = await start();
  const began = performance.now();
  const response = await fetch(`${url}/x?delay=80&status=418`);
  expect(response.status).toBe(418);
  expect(performance.now() - began).toBeGreaterThanOrEqual(79);
  expect(await response.json()).toMatchObject({ path: "/x" });
});

test.each([204, 205, 304, 404, 500, 503])("status %i", async (status) => {
  const { url } = await start();
  const { head, error } = await rawRequest(`${url}/?status=${status}`);
  expect({ status: head?.statusCode, error }).toEqual({ status, error: undefined });
});

test("a wrong fault is a 400 that names it, and nothing is executed", async () => {
  const { url } = await start();
  const response = await fetch(`${url}/?delay=soon`, { method: "POST", body: "x" });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ problems: [expect.stringContaining('delay: got "soon"')] });
  expect(await (await fetch(`${url}/_admin/stats`)).json()).toMatchObject({ executed: 0 });
});

test.each(["GET", "POST"])("?drop=head breaks a %s off without a byte", async (method) => {
  const { url } = await start();
  expect(await rawRequest(`${url}/?drop=head`, method)).toEqual({ body: "", error: "ECONNRESET" });
  expect(await (await fetch(`${url}/_admin/stats`)).json()).toMatchObject({ executed: 1 });
});

test("?drop=body sends half of what it announced", async () => {
  const { url } = await start();
  const json = await rawRequest(`${url}/?drop=body`);
  expect(json).toMatchObject({ head: { statusCode: 200 }, error: "ECONNRESET" });
  expect(json.body.length).toBe(Math.floor(Number(json.head?.headers["content-length"]) / 2));
  const sized = await rawRequest(`${url}/?drop=body&size=1MiB`);
  expect(sized.head?.headers["content-length"]).toBe("1048576");
  expect({ bytes: sized.body.length, error: sized.error }).toEqual({ bytes: 524_288, error: "ECONNRESET" });
});

test("?size sends so many bytes, with validators", async () => {
  const { url } = await start();
  const response = await fetch(`${url}/?size=200000&cache=max-age=5`);
  expect((await response.arrayBuffer()).byteLength).toBe(200_000);
  expect(response.headers.get("Cache-Control")).toBe("max-age=5");
  const etag = response.headers.get("ETag") ?? "";
  const again = await rawRequest(`${url}/?size=200000&cache=max-age=5`, "GET", { "If-None-Match": etag });
  expect(again.head?.statusCode).toBe(304);
});

test("HEAD tells the size without sending it", async () => {
  const { url } = await start();
  const response = await fetch(`${url}/?size=1GiB`, { method: "HEAD" });
  expect(response.headers.get("Content-Length")).toBe("1073741824");
});

test("?size waits for a slow reader instead of filling memory", async () => {
  const server = createServer(createApp({ debug: false, log: () => undefined })).listen(0, "127.0.0.1");
  const answered = once(server, "request") as Promise<[IncomingMessage, ServerResponse]>;
  await once(server, "listening");
  const client = request({ port: (server.address() as AddressInfo).port, path: "/?size=1GiB", agent: false }).end();
  const [, response] = await answered;
  await once(client, "response");
  // Nobody reads: the kernel's buffers fill up, then the response has to wait.
  while (!response.writableNeedDrain) await turn();
  expect(response.writableLength).toBeLessThan(2 ** 20);
  const { bytesWritten } = response.socket ?? { bytesWritten: Number.NaN };
  await turn();
  expect(bytesWritten).toBeLessThan(64 * 2 ** 20);
  client.on("error", () => undefined).destroy();
  await once(response, "close");
  await once(server.close(), "close");
});

test("a client that leaves during a delay ends it", async () => {
  const lines: string[] = [];
  const { url } = await start({ debug: true }, lines);
  const gone = AbortSignal.timeout(30);
  await expect(fetch(`${url}/?delay=600000`, { signal: gone })).rejects.toThrow();
  expect(await firstLine(lines)).toMatch(/ cut off /);
});

test("faults reach /health", async () => {
  const { url } = await start();
  expect((await fetch(`${url}/health?status=429`)).status).toBe(429);
  expect(await rawRequest(`${url}/health?drop=head`)).toMatchObject({ error: "ECONNRESET" });
});

import { once } from "node:events";
import { firstLine, rawRequest, rawSend, start, stopAll } from "./support.ts";

afterEach(stopAll);

test("a GET is echoed with its port, path and query", async () => {
  const { url, port } = await start();
  const response = await fetch(`${url}/a/b%20c?x=1&x=2&y=`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    port,
    method: "GET",
    path: "/a/b%20c",
    query: { x: ["1", "2"], y: "" },
    body: null,
    bodyBytes: 0,
  });
});

test.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"])("a %s body is echoed as JSON", async (method) => {
  const { url } = await start();
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(`${url}/x`, { method, headers, body: '{"hello":"world"}' });
  expect(await response.json()).toMatchObject({ method, body: { hello: "world" }, bodyBytes: 17 });
});

test("text and malformed JSON are echoed as text", async () => {
  const { url } = await start();
  expect(await (await fetch(url, { method: "POST", body: "plain" })).json()).toMatchObject({ body: "plain" });
  const headers = { "Content-Type": "application/json" };
  const broken = await fetch(url, { method: "POST", headers, body: "{broken" });
  expect(await broken.json()).toMatchObject({ body: "{broken", note: expect.stringContaining("not") });
});

test("a body over 10 MiB is counted, not echoed", async () => {
  const { url } = await start();
  const response = await fetch(url, { method: "PUT", body: Buffer.alloc(10 * 2 ** 20 + 1) });
  expect(await response.json()).toMatchObject({
    body: null,
    bodyBytes: 10 * 2 ** 20 + 1,
    note: expect.stringContaining("over"),
  });
});

test("request headers are echoed in debug only, with a log line a request", async () => {
  const quiet: string[] = [];
  const plain = await start({}, quiet);
  expect(await (await fetch(plain.url)).json()).not.toHaveProperty("headers");
  const lines: string[] = [];
  const debug = await start({ debug: true }, lines);
  const response = await fetch(`${debug.url}/x?a=1`, { headers: { "X-One": "1" } });
  expect(await response.json()).toMatchObject({ headers: { "x-one": "1" } });
  expect(await firstLine(lines)).toMatch(/^GET \/x\?a=1 200 [\d.]+ ms$/);
  expect(quiet).toEqual([]);
});

test("odd targets are echoed as they came", async () => {
  const { port } = await start();
  for (const [target, path] of [
    ["*", "*"],
    ["//a//b", "//a//b"],
    ["/%zz", "/%zz"],
    ["http://h.test/p?q=1", "/p"],
  ]) {
    const socket = rawSend(port, `OPTIONS ${target} HTTP/1.1\r\nHost: h.test\r\nConnection: close\r\n\r\n`);
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    expect(text).toContain(`"path":"${path}"`);
  }
});

test("executed requests are counted; health, admin and cut-off ones are not", async () => {
  const { url, port } = await start();
  const post = (id: string) => fetch(url, { method: "POST", headers: { "X-Request-Id": id }, body: "x" });
  await Promise.all([post("a"), post("b"), fetch(`${url}/health`), fetch(url)]);
  await post("a");
  const cutOff = rawSend(port, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf");
  await once(cutOff, "connect");
  cutOff.resetAndDestroy();
  const stats = await (await fetch(`${url}/_admin/stats`)).json();
  expect(stats).toEqual({
    port,
    executed: 4,
    byMethod: { GET: 1, POST: 3 },
    ids: { remembered: 2, repeats: 1, repeated: ["a"] },
  });
  expect(await (await fetch(`${url}/_admin/stats?ids`)).json()).toMatchObject({ rememberedIds: ["b", "a"] });
});

test("health is switched through /_admin", async () => {
  const { url, port } = await start();
  const load = { cpu: expect.any(Number), memory: expect.any(Number), active: 0 };
  const healthy = await fetch(`${url}/health`);
  expect(healthy.status).toBe(200);
  expect(healthy.headers.get("Cache-Control")).toBe("no-store");
  expect(await healthy.json()).toMatchObject({ status: "ok", port, load });
  expect(await (await fetch(`${url}/_admin/unhealthy`, { method: "POST" })).json()).toEqual({ port, healthy: false });
  const unhealthy = await fetch(`${url}/health`);
  expect(unhealthy.status).toBe(503);
  expect(await unhealthy.json()).toMatchObject({ status: "unhealthy" });
  await fetch(`${url}/_admin/healthy`, { method: "POST" });
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

test("wrong uses of /_admin are told", async () => {
  const { url } = await start();
  const get = await fetch(`${url}/_admin/unhealthy`);
  expect(get.status).toBe(405);
  expect(get.headers.get("Allow")).toBe("POST");
  expect((await fetch(`${url}/health`)).status).toBe(200);
  const unknown = await fetch(`${url}/_admin/other`, { method: "POST" });
  expect(unknown.status).toBe(404);
});

test("an unchanged answer is a 304 to a conditional request", async () => {
  const { url } = await start();
  const first = await fetch(`${url}/x?cache=max-age=60`);
  expect(first.headers.get("Cache-Control")).toBe("max-age=60");
  const etag = first.headers.get("ETag") ?? "";
  const second = await rawRequest(`${url}/x?cache=max-age=60`, "GET", { "If-None-Match": etag });
  expect(second.head?.statusCode).toBe(304);
  expect(second.head?.headers).toMatchObject({ "cache-control": "max-age=60", etag });
});

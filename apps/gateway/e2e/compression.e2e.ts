import { get as httpGet } from "node:http";
import { brotliDecompressSync, constants, gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { Origin } from "./support/origin.ts";
import { eventually } from "./support/raw-client.ts";

const TEXT = "A line of text that is said again and again.\n".repeat(100);

let origin: Origin;
beforeAll(async () => {
  origin = await Origin.start({
    routes: [
      { path: "/plain", auth: "none", compression: false },
      { path: "/", auth: "none" },
    ],
  });
  const page = (path: string, fields: Record<string, string>, body: string | Buffer = TEXT): void =>
    origin.at(path, (_request, response) => void response.writeHead(200, fields).end(body));
  const html = { "Content-Type": "text/html; charset=utf-8" };
  const noStore = { ...html, "Cache-Control": "no-store" };
  page("/page", { ...noStore, ETag: '"v1"', Vary: "Origin" });
  page("/weak", { ...noStore, ETag: 'W/"v1"' });
  page("/json", { ...noStore, "Content-Type": "application/problem+json" });
  page("/svg", { ...noStore, "Content-Type": "image/svg+xml" });
  page("/small", noStore, "x".repeat(1023));
  page("/enough", noStore, "x".repeat(1024));
  page("/image", { ...noStore, "Content-Type": "image/png" });
  page("/untyped", { "Cache-Control": "no-store" });
  page("/no-transform", { ...html, "Cache-Control": "no-store, no-transform" });
  page("/encoded", { ...noStore, "Content-Encoding": "x-own" });
  page("/plain/page", noStore);
  origin.at("/range", (_request, response) => {
    response.writeHead(206, { ...noStore, "Content-Range": `bytes 0-${TEXT.length - 1}/10000` }).end(TEXT);
  });
});
afterAll(() => origin.stop());

const DECODERS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  br: brotliDecompressSync,
  gzip: gunzipSync,
  deflate: inflateSync,
  zstd: zstdDecompressSync,
  identity: (bytes) => bytes,
};

/** The coding of an answer, after a check that it can be decoded to the text. */
async function codingOf(path: string, acceptEncoding: string | undefined, text = TEXT): Promise<string> {
  const headers = acceptEncoding === undefined ? {} : { "Accept-Encoding": acceptEncoding };
  const answer = await origin.get(path, headers);
  const coding = answer.headers["content-encoding"] ?? "identity";
  const decode = DECODERS[coding];
  if (decode !== undefined) expect(decode(answer.bytes).toString()).toBe(text);
  return coding;
}

test.each([
  ["br", "br"],
  ["gzip", "gzip"],
  ["deflate", "deflate"],
  ["zstd", "zstd"],
  ["gzip, deflate, br, zstd", "br"],
  ["gzip;q=1.0, br;q=0.5", "gzip"],
  ["br;q=0, gzip", "gzip"],
  ["zstd;q=0.9, gzip;q=0.8", "zstd"],
  ["*", "br"],
  ["*;q=0, gzip", "gzip"],
  ["identity", "identity"],
  ["identity;q=1, gzip;q=0.5", "identity"],
  ["GZIP", "gzip"],
  ["x-unknown", "identity"],
  ["", "identity"],
  [undefined, "identity"],
])("Accept-Encoding: %s gets %s", async (accepted, coding) => {
  expect(await codingOf("/page", accepted)).toBe(coding);
});

test("an encoded response says so: Vary, a weakened ETag, no stale length", async () => {
  const { headers, bytes } = await origin.get("/page", { "Accept-Encoding": "gzip" });
  expect(headers).toMatchObject({ "content-encoding": "gzip", vary: "Origin, Accept-Encoding", etag: 'W/"v1"' });
  if (headers["content-length"] !== undefined) expect(Number(headers["content-length"])).toBe(bytes.length);
  expect(bytes.length).toBeLessThan(TEXT.length / 5);
  expect((await origin.get("/weak", { "Accept-Encoding": "gzip" })).headers.etag).toBe('W/"v1"');
  const plain = await origin.get("/page");
  expect(plain.headers).toMatchObject({ vary: "Origin, Accept-Encoding", etag: '"v1"', "content-length": "4500" });
});

test("HEAD says what GET would, without content", async () => {
  const accepted = { "Accept-Encoding": "gzip" };
  const get = await origin.get("/page", accepted);
  const head = await origin.get("/page", accepted, { method: "HEAD" });
  expect(head.bytes).toHaveLength(0);
  for (const name of ["content-encoding", "vary", "etag", "content-type"])
    expect(head.headers[name]).toBe(get.headers[name]);
  expect(head.headers["content-length"]).not.toBe(String(TEXT.length));
});

test.each([
  ["/json", "br"],
  ["/svg", "br"],
  ["/image", "identity"],
  ["/untyped", "identity"],
  ["/no-transform", "identity"],
  ["/encoded", "x-own"],
  ["/range", "identity"],
  ["/plain/page", "identity"],
])("%s: %s", async (path, coding) => {
  expect(await codingOf(path, "br, gzip")).toBe(coding);
});

test("from 1 KiB on", async () => {
  expect(await codingOf("/small", "gzip", "x".repeat(1023))).toBe("identity");
  expect(await codingOf("/enough", "gzip", "x".repeat(1024))).toBe("gzip");
});

test("the backend is asked for what the client accepts, and its own coding is passed on", async () => {
  await origin.get("/page", { "Accept-Encoding": "gzip" });
  expect(origin.backend.requests.at(-1)?.headers["accept-encoding"]).toBe("gzip");
});

test("a slow chunked body is not held back: each part can be decoded as it comes", async () => {
  let more = (): void => undefined;
  origin.at("/slow", async (_request, response) => {
    response.writeHead(200, { "Content-Type": "text/plain", "Cache-Control": "no-store" });
    response.write(TEXT);
    await new Promise<void>((resolve) => {
      more = resolve;
    });
    response.end("the end");
  });
  const chunks: Buffer[] = [];
  const request = httpGet(origin.url("/slow"), { headers: { "Accept-Encoding": "gzip" } });
  const ended = new Promise((resolve) => {
    request.on("response", (response) => {
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", resolve);
    });
  });
  const soFar = (): string =>
    chunks.length === 0 ? "" : gunzipSync(Buffer.concat(chunks), { finishFlush: constants.Z_SYNC_FLUSH }).toString();
  await eventually(() => soFar() === TEXT, "the first part is there, whole");
  more();
  await ended;
  expect(gunzipSync(Buffer.concat(chunks)).toString()).toBe(`${TEXT}the end`);
});

test("server-sent events are never encoded, and each comes at once", async () => {
  let next = (): void => undefined;
  origin.at("/events", async (_request, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(`data: ${"x".repeat(2000)}\n\n`);
    await new Promise<void>((resolve) => {
      next = resolve;
    });
    response.end("data: last\n\n");
  });
  const request = httpGet(origin.url("/events"), { headers: { "Accept-Encoding": "br, gzip" } });
  let text = "";
  let coding: string | undefined = "none yet";
  request.on("response", (response) => {
    coding = response.headers["content-encoding"];
    response.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  });
  await eventually(() => text.endsWith("x\n\n"), "the first event is there");
  expect(coding).toBeUndefined();
  next();
  await eventually(() => text.endsWith("data: last\n\n"), "the last one too");
});

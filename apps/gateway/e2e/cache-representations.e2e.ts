import { Origin, told } from "./support/origin.ts";

let origin: Origin;
beforeAll(async () => {
  origin = await Origin.start();
});
afterAll(() => origin.stop());

const LONG = { "Cache-Control": "max-age=600" };

test("a response that varies is given only to requests that are alike in what it names", async () => {
  origin.at("/varies", ({ headers }, response) => {
    response.writeHead(200, { ...LONG, Vary: "Accept-Language, X-Shape" });
    response.end(`${headers["accept-language"]} ${headers["x-shape"]}`);
  });
  const german = { "Accept-Language": "de", "X-Shape": "round" };
  const french = { "Accept-Language": "fr", "X-Shape": "round" };
  expect(told(await origin.get("/varies", german))).toBe("MISS de round");
  const other = await origin.get("/varies", french);
  expect(told(other)).toBe("MISS fr round");
  expect(other.headers["cache-status"]).toMatch(/^headgate; fwd=vary-miss/);
  expect(told(await origin.get("/varies", { ...german, "X-Shape": "square" }))).toBe("MISS de square");
  expect(told(await origin.get("/varies", german))).toBe("HIT de round");
  expect(told(await origin.get("/varies", french))).toBe("HIT fr round");
  expect(origin.asked("/varies")).toBe(3);
});

test("HEAD is answered from what GET has stored, without content", async () => {
  origin.at("/head", (_request, response) => void response.writeHead(200, { ...LONG, "X-Own": "1" }).end("content"));
  await origin.get("/head");
  const head = await origin.get("/head", {}, { method: "HEAD" });
  expect(told(head)).toBe("HIT ");
  expect(head.headers).toMatchObject({ "content-length": "7", "x-own": "1", age: expect.stringMatching(/^\d+$/) });
  expect(origin.asked("/head")).toBe(1);
});

describe("conditional requests", () => {
  const modified = "Mon, 01 Jan 2024 10:00:00 GMT";
  beforeAll(async () => {
    origin.at("/conditional", (_request, response) => {
      response.writeHead(200, { ...LONG, ETag: '"v1"', "Last-Modified": modified }).end("content");
    });
    await origin.get("/conditional");
  });

  test.each([
    ["If-None-Match: the stored tag", { "If-None-Match": '"v1"' }, 304],
    ["If-None-Match: the stored tag, weak, in a list", { "If-None-Match": '"v0", W/"v1"' }, 304],
    ["If-None-Match: *", { "If-None-Match": "*" }, 304],
    ["If-None-Match: another tag", { "If-None-Match": '"v2"' }, 200],
    ["If-Modified-Since: that time", { "If-Modified-Since": modified }, 304],
    ["If-Modified-Since: before it", { "If-Modified-Since": "Sun, 31 Dec 2023 10:00:00 GMT" }, 200],
    ["If-None-Match goes before If-Modified-Since", { "If-None-Match": '"v2"', "If-Modified-Since": modified }, 200],
  ])("%s", async (_name, headers, status) => {
    const answer = await origin.get("/conditional", headers);
    expect(answer.status).toBe(status);
    expect(told(answer)).toBe(status === 304 ? "HIT " : "HIT content");
    expect(answer.headers.etag).toBe('"v1"');
    expect(origin.asked("/conditional")).toBe(1);
  });
});

describe("ranges", () => {
  beforeAll(async () => {
    origin.at("/range", (_request, response) => {
      response.writeHead(200, { ...LONG, ETag: '"r1"', "Content-Type": "text/plain" }).end("0123456789");
    });
    await origin.get("/range");
  });

  test.each([
    ["the first bytes", { Range: "bytes=0-3" }, 206, "0123", "bytes 0-3/10"],
    ["from a byte on", { Range: "bytes=7-" }, 206, "789", "bytes 7-9/10"],
    ["the last bytes", { Range: "bytes=-2" }, 206, "89", "bytes 8-9/10"],
    ["beyond the end", { Range: "bytes=20-" }, 416, "", "bytes */10"],
    ["If-Range of the stored tag", { Range: "bytes=0-1", "If-Range": '"r1"' }, 206, "01", "bytes 0-1/10"],
    ["If-Range of another tag", { Range: "bytes=0-1", "If-Range": '"r2"' }, 200, "0123456789", undefined],
    ["another unit", { Range: "lines=1-2" }, 200, "0123456789", undefined],
  ])("%s", async (_name, headers, status, content, contentRange) => {
    const answer = await origin.get("/range", headers);
    expect(answer.status).toBe(status);
    expect(answer.headers["content-range"]).toBe(contentRange);
    if (status !== 416) expect(told(answer)).toBe(`HIT ${content}`);
    expect(origin.asked("/range")).toBe(1);
  });

  test("several that are far apart come as multipart/byteranges", async () => {
    const text = "ab".padEnd(998, "-").concat("yz");
    origin.at("/parts", (_request, response) => {
      response.writeHead(200, { ...LONG, "Content-Type": "text/plain" }).end(text);
    });
    await origin.get("/parts");
    const answer = await origin.get("/parts", { Range: "bytes=0-1,998-999" });
    expect(answer.status).toBe(206);
    expect(answer.headers["content-type"]).toMatch(/^multipart\/byteranges; boundary=/);
    const parts = answer.text.split(/\r\n--[^\r]+/).map((part) => part.split("\r\n\r\n"));
    const read = parts.filter(([, body]) => body !== undefined);
    expect(read.map(([head, body]) => [/^Content-Range: (.+)$/im.exec(head ?? "")?.[1], body])).toEqual([
      ["bytes 0-1/1000", "ab"],
      ["bytes 998-999/1000", "yz"],
    ]);
  });
});

test("compressed and plain clients are served from one stored response", async () => {
  const text = "many words ".repeat(500);
  origin.at("/coded", (_request, response) => {
    response.writeHead(200, { ...LONG, "Content-Type": "text/plain", ETag: '"c1"' }).end(text);
  });
  expect(told(await origin.get("/coded"))).toBe(`MISS ${text}`);
  const coded = await origin.get("/coded", { "Accept-Encoding": "gzip" });
  expect(coded.headers).toMatchObject({ "x-cache": "HIT", "content-encoding": "gzip", etag: 'W/"c1"' });
  expect(told(await origin.get("/coded"))).toBe(`HIT ${text}`);
  expect(origin.asked("/coded")).toBe(1);
});

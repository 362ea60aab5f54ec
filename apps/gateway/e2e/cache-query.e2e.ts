import { type Answer, ask } from "./support/http-client.ts";
import { Origin, told } from "./support/origin.ts";
import { exchange } from "./support/raw-client.ts";
import { fieldOf } from "./support/raw-reader.ts";

let origin: Origin;
beforeAll(async () => {
  origin = await Origin.start({ limits: { replay: "1KiB" } });
});
afterAll(() => origin.stop());

/** Answers with a count and the content that it was sent. */
function countsQueries(path: string): void {
  let count = 0;
  origin.at(path, ({ body }, response) => {
    response.writeHead(200, { "Cache-Control": "max-age=60" }).end(`${++count}: ${body.slice(0, 20)}`);
  });
}

const query = (path: string, body: string, headers = {}): Promise<Answer> =>
  ask(origin.url(path), { method: "QUERY", body, headers: { "Content-Type": "text/plain", ...headers } });

test("a QUERY is answered by the stored response to one with the same content", async () => {
  countsQueries("/search");
  expect(told(await query("/search", "cats"))).toBe("MISS 1: cats");
  expect(told(await query("/search", "dogs"))).toBe("MISS 2: dogs");
  expect(told(await query("/search", "cats"))).toBe("HIT 1: cats");
  expect(told(await query("/search", "dogs"))).toBe("HIT 2: dogs");
  expect(told(await query("/search", "cats", { "Content-Type": "text/csv" }))).toBe("MISS 3: cats");
  expect(origin.asked("/search")).toBe(3);
});

/** The same with content of no announced length; X-Cache and body. */
async function chunked(path: string, body: string): Promise<string> {
  const host = `Host: 127.0.0.1:${origin.gateway.http}`;
  const head = `QUERY ${path} HTTP/1.1\r\n${host}\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const content = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const answer = await exchange(origin.gateway.http, head + content);
  return `${fieldOf(answer.head, "x-cache")} ${answer.body}`;
}

test("a chunked one too, and GET of the same URL is something else", async () => {
  countsQueries("/chunked");
  expect(told(await query("/chunked", "cats"))).toBe("MISS 1: cats");
  expect(await chunked("/chunked", "cats")).toBe("HIT 1: cats");
  expect(told(await origin.get("/chunked"))).toBe("MISS 2: ");
});

test("one with more content than is held goes past the cache, whole", async () => {
  let received = "";
  origin.at("/large", ({ body }, response) => {
    received = body;
    response.writeHead(200, { "Cache-Control": "max-age=60" }).end("found");
  });
  const large = "0123456789".repeat(500);
  const answer = await query("/large", large);
  expect(told(answer)).toBe("BYPASS found");
  expect(answer.headers["cache-status"]).toBe("headgate; fwd=bypass; detail=request-body");
  expect(received).toBe(large);
  received = "";
  expect(await chunked("/large", large)).toBe("BYPASS found");
  expect(received).toBe(large);
});

test("an unsafe request to the URL takes its stored QUERIES away", async () => {
  countsQueries("/changes");
  expect(told(await query("/changes", "cats"))).toBe("MISS 1: cats");
  expect((await ask(origin.url("/changes"), { method: "POST", body: "new" })).status).toBe(200);
  expect(told(await query("/changes", "cats"))).toBe("MISS 3: cats");
});

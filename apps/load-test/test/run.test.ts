import { createServer } from "node:http";
import type { Socket } from "node:net";
import { runLoad } from "../src/load/run.ts";
import { closeServers, plan, serve, serveOn, serveRaw } from "./support.ts";

afterEach(closeServers);

const run = (...[one, signal = new AbortController().signal]: [ReturnType<typeof plan>, AbortSignal?]) =>
  runLoad(one, signal, () => undefined);

const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** Watches until the returned function is called, which gives the longest time that this process did not run, seconds. */
function watchStalls(): () => number {
  let last = performance.now();
  let longest = 0;
  const look = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, 5);
  return () => {
    look();
    clearInterval(timer);
    return longest / 1000;
  };
}

test.each([
  [100, 1],
  [7, 1],
  [1000, 1],
  [300, 0.5],
])("%d a second for %d s are sent to the last one, evenly", async (rate, seconds) => {
  const times: number[] = [];
  const url = await serve((_request, response) => {
    times.push(performance.now());
    response.end("ok");
  });
  const stalled = watchStalls();
  const { measured, seconds: took } = await run(plan(url, { rate, seconds }));
  // What the machine gave to others meanwhile is not the pacing's.
  const stall = stalled();
  const total = rate * seconds;
  expect(measured.requests).toMatchObject({ sent: total, answered: total, failed: 0, unsent: 0, unfinished: 0 });
  expect(measured.statuses).toEqual({ 200: total });
  expect(Math.abs(took - seconds)).toBeLessThanOrEqual(0.05 + stall);
  // Not in bursts: half of them have come when half of the time is over, give or take a tenth of a second.
  const [first = 0] = times;
  const half = times.filter((time) => time - first < seconds * 500).length;
  expect(Math.abs(half - total / 2)).toBeLessThanOrEqual(Math.max(1, rate * (0.1 + stall)));
});

test("each request carries what was asked, with an id of its own", async () => {
  const seen: { method: string | undefined; url: string | undefined; header: unknown; body: string }[] = [];
  const url = await serve(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    seen.push({ method: request.method, url: request.url, header: request.headers["x-one"], body });
    response.end();
  });
  await run(
    plan(`${url}p?q=1`, {
      method: "PUT",
      headers: { "X-One": "1" },
      body: Buffer.from('{"id":"[<id>]"}'),
      rate: 20,
      seconds: 0.5,
    }),
  );
  expect(seen).toHaveLength(10);
  for (const one of seen) expect(one).toMatchObject({ method: "PUT", url: "/p?q=1", header: "1" });
  expect(new Set(seen.map(({ body }) => (JSON.parse(body) as { id: string }).id)).size).toBe(10);
});

test("a body that is not text goes out byte for byte, even where an id is asked for", async () => {
  const bytes = Buffer.from([0, 0xff, 0xfe, 0x5b]);
  const seen: Buffer[] = [];
  const url = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    seen.push(Buffer.concat(chunks));
    response.end();
  });
  await run(plan(url, { method: "POST", headers: { "X-Id": "[<id>]" }, body: bytes, rate: 4 }));
  expect(seen).toEqual([bytes, bytes]);
});

test("statuses, cache results and backends are read from the answers", async () => {
  let count = 0;
  const url = await serve((_request, response) => {
    count += 1;
    response.statusCode = count % 5 === 0 ? 502 : 200;
    response.setHeader("x-cache", count % 2 === 0 ? "HIT" : "MISS");
    response.setHeader("X-Backend-Server", `127.0.0.1:800${count % 4}`);
    response.end("x");
  });
  const { measured } = await run(plan(url, { rate: 40 }));
  expect(measured.statuses).toEqual({ 200: 16, 502: 4 });
  expect(measured.cache).toEqual({ results: { HIT: 10, MISS: 10 }, hitRatio: 0.5 });
  expect(Object.values(measured.backends)).toEqual([5, 5, 5, 5]);
});

test("a target that stalls shows in the corrected latency, not in the service time alone", async () => {
  let stalled: Promise<void> | undefined;
  const url = await serve(async (_request, response) => {
    stalled ??= new Promise((resolve) => setTimeout(resolve, 500));
    await stalled;
    response.end("ok");
  });
  const { measured } = await run(plan(url, { rate: 100, seconds: 1, connections: { open: 1, most: 1 } }));
  expect(measured.requests).toMatchObject({ sent: 100, answered: 100, unsent: 0 });
  const { latency, serviceTime } = measured;
  // One request was slow by itself; half of all had to wait behind it, up to half a second.
  expect(serviceTime?.percentiles.p95).toBeLessThan(100);
  expect(latency?.percentiles.p75).toBeGreaterThan(150);
  expect(latency?.percentiles.p95).toBeGreaterThan(350);
});

test("what finds no connection is given up soon after the end, and told", async () => {
  const url = await serve(() => undefined);
  const { measured, seconds } = await run(
    plan(url, { rate: 20, seconds: 0.5, timeout: 1, connections: { open: 1, most: 2 } }),
  );
  expect(measured.requests).toMatchObject({ answered: 0, unfinished: 0 });
  expect(measured.requests.sent + measured.requests.unsent).toBe(10);
  expect(measured.requests.unsent).toBeGreaterThan(0);
  expect(measured.errors).toEqual({ timeout: measured.requests.sent });
  expect(measured.latency?.min).toBeGreaterThan(400);
  expect(seconds).toBeGreaterThanOrEqual(0.5);
});

test("a refused connection is an error each, and the run ends in time", async () => {
  const gone = await serve(() => undefined);
  closeServers();
  const { measured } = await run(plan(gone, { rate: 40 }));
  expect(measured.requests).toMatchObject({ sent: 20, failed: 20 });
  expect(measured.errors).toEqual({ ECONNREFUSED: 20 });
});

test("a connection that breaks in the middle of an answer costs that request alone", async () => {
  const url = await serveRaw((socket, count) => {
    if (count % 2 === 1) socket.write(answer);
    else if (count % 4 === 2) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    else socket.resetAndDestroy();
  });
  const { measured } = await run(plan(url, { rate: 80, connections: { open: 1, most: 1 } }));
  expect(measured.requests).toMatchObject({ sent: 40, answered: 20, failed: 20, unfinished: 0 });
  expect(measured.errors).toEqual({ "closed early": 10, ECONNRESET: 10 });
});

test("an answer that ends with its connection is whole", async () => {
  const url = await serveRaw((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nuntil the end"));
  const { measured } = await run(plan(url, { rate: 40 }));
  expect(measured.requests).toMatchObject({ sent: 20, answered: 20, failed: 0 });
});

test("after Connection: close a new connection is used", async () => {
  const connections = new Set<Socket>();
  const url = await serve((request, response) => {
    connections.add(request.socket);
    response.setHeader("Connection", "close").end("ok");
  });
  const { measured } = await run(plan(url, { rate: 40, connections: { open: 1, most: 1 } }));
  expect(measured.requests).toMatchObject({ sent: 20, answered: 20, failed: 0 });
  expect(connections.size).toBe(20);
});

test("HEAD, 204 and 304 have no body, and interim responses are no answers", async () => {
  const sized = await serve((_request, response) => response.setHeader("Content-Length", "1000").end());
  const head = await run(plan(sized, { method: "HEAD", rate: 20 }));
  expect(head.measured.requests).toMatchObject({ answered: 10, failed: 0 });
  const hints = await serveRaw((socket, count) => {
    socket.write(
      `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${count % 2 ? answer : "HTTP/1.1 304 Not Modified\r\n\r\n"}`,
    );
  });
  const { measured } = await run(plan(hints, { rate: 20 }));
  expect(measured.statuses).toEqual({ 200: 5, 304: 5 });
});

test("a response that nobody asked for is not counted and ends nothing", async () => {
  const url = await serveRaw((socket) =>
    socket.write(`${answer}HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n`),
  );
  const { measured } = await run(plan(url, { rate: 20 }));
  expect(measured.statuses).toEqual({ 200: 10 });
});

test("more connections are opened when answers are slow, and only then", async () => {
  const connections = new Set<Socket>();
  let delay = 0;
  const server = createServer((request, response) => {
    connections.add(request.socket);
    setTimeout(() => response.end("ok"), delay);
  });
  const url = await serveOn(server);
  await run(plan(url, { rate: 20, connections: { open: 2, most: 10 } }));
  expect(connections.size).toBe(2);
  connections.clear();
  delay = 300;
  const slow = await run(plan(url, { rate: 20, connections: { open: 2, most: 10 } }));
  expect(connections.size).toBeGreaterThan(4);
  expect(slow.measured.latency?.max).toBeLessThan(600);
});

test("stopping it early gives what was measured so far", async () => {
  const stop = new AbortController();
  let count = 0;
  const url = await serve((_request, response) => {
    count += 1;
    if (count === 20) stop.abort();
    response.end("ok");
  });
  const result = await run(plan(url, { rate: 100, seconds: 60 }), stop.signal);
  expect(result.interrupted).toBe(true);
  expect(result.seconds).toBeLessThan(5);
  expect(result.measured.requests).toMatchObject({ sent: count, answered: count, unsent: 0, unfinished: 0 });
});

import type { ConfigInput } from "../src/config/schema.ts";
import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { type Answer, type AskOptions, ask } from "./support/http-client.ts";
import { type Answering, type PlainBackend, startPlainBackend } from "./support/plain-backend.ts";
import { closedPort } from "./support/raw-backend.ts";

/** Reads the request and breaks off before it answers. */
const breakOff: Answering = (_request, response) => void response.destroy();
const echo: Answering = ({ body }, response) => void response.end(body);

let breaking: PlainBackend[];
let well: PlainBackend;
let gateway: RunningGateway | null = null;
beforeAll(async () => {
  breaking = await Promise.all([1, 2, 3, 4].map(() => startPlainBackend(breakOff)));
  well = await startPlainBackend(echo);
});
afterAll(() => Promise.all([...breaking, well].map((backend) => backend.close())));
afterEach(async () => {
  await gateway?.stop();
  for (const { requests } of [...breaking, well]) requests.length = 0;
});

async function start(ports: readonly number[], pool: object = {}, more: ConfigInput = {}): Promise<void> {
  const backends = ports.map((port) => `http://127.0.0.1:${port}`);
  gateway = await startGateway({
    ...testConfig([]),
    pools: { default: { backends, health: false, ...pool } },
    ...more,
  });
}

const send = (method: string, options: AskOptions = {}, path = "/"): Promise<Answer> =>
  ask(`http://127.0.0.1:${gateway?.http}${path}`, { method, ...options });

const portsOf = (backends: readonly PlainBackend[]): number[] => backends.map(({ port }) => port);

/** How many requests each backend got. */
const got = (backends: readonly PlainBackend[]): number[] => backends.map(({ requests }) => requests.length);

test("idempotent requests go on to the next backend, to each once", async () => {
  const two = breaking.slice(0, 2);
  await start([...portsOf(two), well.port]);
  for (const [count, method] of ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"].entries()) {
    const body = method === "PUT" ? "the whole of it" : undefined;
    const { status, headers, text } = await send(method, body === undefined ? {} : { body });
    expect({ method, status, by: headers["x-backend-server"] }).toEqual({ method, status: 200, by: well.id });
    expect(text).toBe(body ?? "");
    expect(got([...two, well])).toEqual([1, 1, 1].map((each) => each + count));
  }
});

test("after three attempts at three backends it is enough", async () => {
  await start([...portsOf(breaking), well.port]);
  const { status, text } = await send("GET");
  expect({ status, code: JSON.parse(text).code }).toEqual({ status: 502, code: "upstream-reset" });
  expect(got([...breaking, well])).toEqual([1, 1, 1, 0, 0]);
});

test("what a backend may have executed is not sent again unless it is idempotent", async () => {
  const two = breaking.slice(0, 2) as [PlainBackend, PlainBackend];
  await start([...portsOf(two), well.port]);
  for (const [index, method] of ["POST", "PATCH"].entries()) {
    const { status, headers, text } = await send(method, { body: "once" });
    expect({ status, code: JSON.parse(text).code }).toEqual({ status: 502, code: "upstream-reset" });
    expect(headers["proxy-status"]).toBe(`headgate; error=connection_terminated; next-hop="${two[index]?.id}"`);
  }
  expect(got([...two, well])).toEqual([1, 1, 0]);
});

test("POST of which no byte reached a backend goes elsewhere, whole", async () => {
  await start([await closedPort(), await closedPort(), well.port]);
  expect(await send("POST", { body: "x".repeat(100_000) })).toMatchObject({ status: 200, text: "x".repeat(100_000) });
  expect(got([well])).toEqual([1]);
});

test("a body that is larger than what is kept is streamed, and not sent again", async () => {
  const [one] = breaking as [PlainBackend];
  await start([one.port, well.port], {}, { limits: { replay: "1KiB" } });
  expect((await send("PUT", { body: "x".repeat(1024 * 1024) })).status).toBe(502);
  expect(got([one, well])).toEqual([1, 0]);
  expect(await send("PUT", { body: "y".repeat(1024 * 1024) })).toMatchObject({ status: 200 });
});

test("retries: 0 turns them off", async () => {
  const [one] = breaking as [PlainBackend];
  await start([one.port, well.port], { retries: 0 });
  expect((await send("GET")).status).toBe(502);
  expect(got([one, well])).toEqual([1, 0]);
});

test("what a backend answers is an answer, 503 too", async () => {
  const busy = await startPlainBackend(
    (_request, response) => void response.writeHead(503, { "Retry-After": "7" }).end("busy"),
  );
  await start([busy.port, well.port]);
  expect(await send("GET")).toMatchObject({ status: 503, text: "busy", headers: { "retry-after": "7" } });
  expect(got([busy, well])).toEqual([1, 0]);
  await busy.close();
});

test("retries are at most a fifth of the requests and ten a second, however much fails", async () => {
  await start(portsOf(breaking));
  const requests = 400;
  const answers = await Promise.all(Array.from({ length: requests }, (_, index) => send("GET", {}, `/?${index}`)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([502]));
  const attempts = got(breaking).reduce((sum, count) => sum + count, 0);
  // The reserve of ten a second is counted over ten seconds.
  expect(attempts).toBeLessThanOrEqual(requests + 0.2 * requests + 100);
  expect(attempts).toBeGreaterThan(requests + 100);
});

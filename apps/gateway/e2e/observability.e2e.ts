import { type Answer, ask } from "./support/http-client.ts";
import { logLines } from "./support/log.ts";
import { Origin } from "./support/origin.ts";
import { eventually } from "./support/raw-client.ts";

const SECRETS = {
  "X-API-Key": "the-key-that-nobody-may-see",
  Authorization: "Bearer the-token-that-nobody-may-see",
  Cookie: "session=the-cookie-that-nobody-may-see",
};

let origin: Origin;
/** The same with this machine as a trusted proxy and the telling fields turned off. */
let quiet: Origin;
beforeAll(async () => {
  const auth = { apiKeys: [{ name: "ann", key: SECRETS["X-API-Key"] }] };
  const routes = [{ path: "/open", auth: "none" as const }, { path: "/" }];
  [origin, quiet] = await Promise.all([
    Origin.start({ auth, routes }),
    Origin.start({
      auth,
      routes,
      trustedProxies: ["127.0.0.1"],
      headers: { backendServer: false, serverTiming: false },
    }),
  ]);
  for (const each of [origin, quiet]) {
    each.counts("/open", { "Content-Type": "text/plain" });
    each.counts("/locked", { "Cache-Control": "no-store" });
  }
});
afterAll(() => Promise.all([origin.stop(), quiet.stop()]));

const lastSeen = ({ backend }: Origin) => backend.requests.at(-1)?.headers ?? {};

/** The access line of the exchange with this id. */
async function lineOf({ gateway }: Origin, { headers }: Answer): Promise<Record<string, unknown>> {
  const id = String(headers["x-request-id"]);
  const find = (): string | undefined => logLines(gateway).find((line) => line.includes(`"id":"${id}"`));
  await eventually(() => find() !== undefined, `the exchange ${id} is logged`);
  return JSON.parse(find() ?? "");
}

/** The value of one series of the metrics; 0 where it is not there. */
async function metric({ gateway }: Origin, series: string): Promise<number> {
  const { text } = await ask(`${gateway.admin}/metrics`);
  const line = text.split("\n").find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 0);
}

describe("X-Request-Id", () => {
  test("is made anew for a peer that is not trusted, and goes to the backend, to the client and into the log", async () => {
    const answer = await origin.get("/open?id=1", { "X-Request-Id": "of-the-client" });
    const id = answer.headers["x-request-id"];
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(lastSeen(origin)["x-request-id"]).toBe(id);
    expect(await lineOf(origin, answer)).toMatchObject({ id });
    expect((await origin.get("/open?id=2")).headers["x-request-id"]).not.toBe(id);
  });

  test("is taken over from a trusted peer, where it is harmless", async () => {
    const given = await quiet.get("/open?id=1", { "X-Request-Id": "of-the-proxy" });
    expect(given.headers["x-request-id"]).toBe("of-the-proxy");
    expect(lastSeen(quiet)["x-request-id"]).toBe("of-the-proxy");
    const harmful = await quiet.get("/open?id=2", { "X-Request-Id": 'a" b' });
    expect(harmful.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("is on refusals as well, as their instance", async () => {
    const { status, headers, text } = await origin.get("/locked");
    expect(status).toBe(401);
    expect(JSON.parse(text).instance).toBe(headers["x-request-id"]);
  });
});

describe("traceparent", () => {
  const trace = "0af7651916cd43dd8448eb211c80319c";

  test("is continued: the same trace, another span, tracestate along", async () => {
    const answer = await origin.get("/open?trace=1", {
      traceparent: `00-${trace}-b7ad6b7169203331-01`,
      tracestate: "own=1",
    });
    const sent = lastSeen(origin);
    expect(sent.traceparent).toMatch(new RegExp(`^00-${trace}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`));
    expect(sent.tracestate).toBe("own=1");
    expect(await lineOf(origin, answer)).toMatchObject({ trace });
  });

  test.each([undefined, "nonsense", `00-${"0".repeat(32)}-b7ad6b7169203331-01`])(
    "%s: one is started",
    async (traceparent) => {
      await origin.get(`/open?trace=${traceparent?.slice(0, 5)}`, traceparent === undefined ? {} : { traceparent });
      expect(lastSeen(origin).traceparent).toMatch(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]$/);
    },
  );
});

test("Server-Timing, X-Backend-Server and Via tell where an answer came from, unless they are turned off", async () => {
  const miss = await origin.get("/open?told=1");
  expect(miss.headers["server-timing"]).toMatch(
    /^cache;desc=MISS, queue;dur=[\d.]+, connect;dur=[\d.]+, upstream;dur=[\d.]+$/,
  );
  expect(miss.headers["x-backend-server"]).toBe(origin.backend.id);
  expect(miss.headers.via).toBe("1.1 headgate");
  expect(lastSeen(origin).via).toBe("1.1 headgate");
  expect((await origin.get("/open?told=1")).headers["server-timing"]).toMatch(/^cache;desc=HIT, total;dur=[\d.]+$/);
  const { headers } = await quiet.get("/open?told=1");
  expect(headers).not.toHaveProperty("server-timing");
  expect(headers).not.toHaveProperty("x-backend-server");
});

test("an exchange is one line of the log", async () => {
  const answer = await origin.get("/locked?secret=of-the-query", SECRETS);
  expect(await lineOf(origin, answer)).toEqual({
    level: "info",
    msg: "exchange",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    id: answer.headers["x-request-id"],
    trace: expect.stringMatching(/^[0-9a-f]{32}$/),
    client: "127.0.0.1",
    identity: "ann",
    method: "GET",
    scheme: "http",
    host: `127.0.0.1:${origin.gateway.http}`,
    path: "/locked",
    http: "1.1",
    route: "/",
    pool: "default",
    status: 200,
    outcome: "complete",
    cache: "MISS",
    why: "no-store",
    backend: origin.backend.id,
    attempts: 1,
    requestBytes: 0,
    bodyBytes: answer.bytes.length,
    sentBytes: answer.bytes.length,
    headMs: expect.any(Number),
    totalMs: expect.any(Number),
  });
});

test("a failure's line says what went wrong, attempt by attempt", async () => {
  origin.at("/open/broken", (_request, response) => void response.destroy());
  const answer = await origin.get("/open/broken");
  expect(answer.status).toBe(502);
  const tries = [1, 2, 3].map(() => expect.objectContaining({ backend: origin.backend.id, outcome: "reset" }));
  const line = await lineOf(origin, answer);
  expect(line).toMatchObject({ status: 502, problem: "upstream-reset", attempts: 3, tries });
});

test("metrics count requests, cache results, bytes, attempts and problems", async () => {
  const series = {
    requests: 'headgate_requests_total{route="/open",method="GET",status="200",cache="HIT"}',
    hits: 'headgate_cache_results_total{result="HIT",reason=""}',
    sent: 'headgate_response_body_bytes_total{route="/open"}',
    attempts: `headgate_attempts_total{pool="default",backend="${origin.backend.id}",outcome="ok"}`,
    problems: 'headgate_problems_total{code="missing-credential"}',
    before: 'headgate_compression_bytes_total{coding="gzip",stage="before"}',
    after: 'headgate_compression_bytes_total{coding="gzip",stage="after"}',
    timed: 'headgate_request_duration_seconds_count{route="/open",source="upstream"}',
  };
  const read = async (): Promise<Record<string, number>> => {
    const values = Object.entries(series).map(async ([name, each]) => [name, await metric(origin, each)] as const);
    return Object.fromEntries(await Promise.all(values));
  };
  const text = "said again. ".repeat(1000);
  origin.at(
    "/open/large",
    (_request, response) => void response.writeHead(200, { "Content-Type": "text/plain" }).end(text),
  );
  const before = await read();
  await origin.get("/open/large", { "Accept-Encoding": "gzip" });
  await origin.get("/open/large", { "Accept-Encoding": "gzip" });
  await origin.get("/locked");
  const grown = async (): Promise<Record<string, number>> => {
    const now = await read();
    return Object.fromEntries(Object.entries(now).map(([name, value]) => [name, value - (before[name] ?? 0)]));
  };
  await eventually(async () => (await grown()).problems === 1, "the last of them is counted");
  const { sent = 0, after = 0, ...rest } = await grown();
  expect(rest).toEqual({ requests: 1, hits: 1, attempts: 1, problems: 1, before: 2 * text.length, timed: 1 });
  expect(after).toBeGreaterThan(0);
  expect(after).toBeLessThan(text.length / 10);
  expect(sent).toBe(after);
});

test("secrets are not in the log", async () => {
  await origin.get("/locked?token=the-query-that-nobody-may-see", SECRETS);
  await origin.get("/open?again", { ...SECRETS, "X-API-Key": "a-wrong-key-that-nobody-may-see" });
  const last = await origin.get("/open?last");
  await lineOf(origin, last);
  expect(origin.gateway.log()).not.toContain("that-nobody-may-see");
});

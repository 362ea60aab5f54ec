import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { type BackendConnection, type RawBackend, startRawBackend } from "./support/raw-backend.ts";
import { eventually, exchange, type RawResponse } from "./support/raw-client.ts";
import { settled, troubles } from "./support/stage.ts";

/** What each backend does with each connection; it has a pool of its own, and its paths begin with its name. */
const SCRIPTS: Readonly<Record<string, (connection: BackendConnection) => Promise<void>>> = {
  async closing(connection) {
    await answer(connection);
    connection.socket.end();
  },
  async ending(connection) {
    await answer(connection);
    await connection.readHead();
    connection.socket.end();
  },
  async resetting(connection) {
    await answer(connection);
    await connection.readHead();
    connection.socket.resetAndDestroy();
  },
  async together(connection) {
    await connection.readHead();
    // The first five wait for each other, so that each has a connection of its own.
    if (connection.index < 5) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 5) for (const go of waiting) go();
      });
    }
    connection.reply("fine", "Cache-Control: no-store\r\n");
    await connection.readHead();
    connection.socket.resetAndDestroy();
  },
  async racing(connection) {
    for (;;) {
      const head = await connection.readHead();
      await connection.readContent(head);
      executed.push(head);
      connection.reply("fine", "Cache-Control: no-store\r\n");
      connection.socket.end();
    }
  },
  async steady(connection) {
    for (;;) {
      await answer(connection);
      used.add(connection.index);
    }
  },
};

/** Connections of `together` that wait for the fifth. */
const waiting: (() => void)[] = [];
/** Heads of the requests that `racing` has read to their end. */
let executed: string[] = [];
/** Connections on which `steady` has answered. */
const used = new Set<number>();

const backends: Record<string, RawBackend> = {};
let gateway: RunningGateway;

beforeAll(async () => {
  for (const [name, script] of Object.entries(SCRIPTS)) backends[name] = await startRawBackend(script);
  const names = Object.keys(backends);
  const pool = (name: string) => ({
    backends: [`http://127.0.0.1:${backends[name]?.port}`],
    health: false as const,
    timeouts: { keepAlive: name === "steady" ? "1500ms" : "4s" },
  });
  gateway = await startGateway({
    ...testConfig([]),
    pools: Object.fromEntries(names.map((name) => [name, pool(name)])),
    routes: names.map((name) => ({ path: `/${name}`, pool: name, auth: "none" as const })),
  });
});

afterAll(async () => {
  await settled(gateway).finally(() => gateway.stop());
  for (const backend of Object.values(backends)) await backend.close();
  expect(troubles(gateway)).toEqual([]);
});

function ask(method: string, path: string): Promise<RawResponse> {
  const body = method === "GET" ? "\r\n" : "Content-Length: 5\r\n\r\nhello";
  return exchange(gateway.http, `${method} ${path} HTTP/1.1\r\nHost: a\r\n${body}`);
}

async function answer(connection: BackendConnection): Promise<void> {
  await connection.readContent(await connection.readHead());
  connection.reply("fine", "Cache-Control: no-store\r\n");
}

/** How many requests for this path its backend got. */
function count(path: string): number {
  const requests = backends[path.split("/")[1] ?? ""]?.requests ?? [];
  return requests.filter((head) => head.includes(` ${path} `)).length;
}

test("a kept connection that the backend has closed is not used again", async () => {
  const { closing } = backends;
  const bothClosed = () => eventually(() => closing?.connections() === 0, "both sides have closed");
  for (let i = 0; i < 10; i++) {
    for (const method of ["GET", "POST"]) {
      const path = `/closing/${method}-${i}`;
      expect((await ask(method, path)).status).toBe(200);
      expect(count(path)).toBe(1);
      await bothClosed();
    }
  }
});

describe.each(["ending", "resetting"])("a kept connection that meets a request by %s", (name) => {
  test("costs a GET nothing: it is asked again on another connection", async () => {
    expect((await ask("GET", `/${name}/first`)).status).toBe(200);
    const { status, body } = await ask("GET", `/${name}/get`);
    expect({ status, body }).toEqual({ status: 200, body: "fine" });
    expect(count(`/${name}/get`)).toBe(2);
  });

  test("makes a POST a 502, since it may have been executed", async () => {
    // The connection of the GET before is kept.
    const { status, body } = await ask("POST", `/${name}/post`);
    expect(status).toBe(502);
    expect(JSON.parse(body)).toMatchObject({ code: "upstream-reset" });
    expect(count(`/${name}/post`)).toBe(1);
  });
});

test("where several kept connections are stale, a GET still gets its answer", async () => {
  const first = await Promise.all(["a", "b", "c", "d", "e"].map((name) => ask("GET", `/together/${name}`)));
  expect(first.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(backends.together?.connections()).toBe(5);
  // Two attempts of one request may both meet a stale connection; the third makes the most of what is left.
  for (const path of ["/together/v", "/together/w"]) expect((await ask("GET", path)).status).toBe(200);
});

test("a POST that races with the backend's close is executed at most once", async () => {
  for (let i = 0; i < 50; i++) {
    executed = [];
    expect((await ask("GET", "/racing/get")).status).toBe(200);
    const { status } = await ask("POST", "/racing/post");
    const times = executed.filter((head) => head.startsWith("POST ")).length;
    if (status === 200) expect(times).toBe(1);
    else {
      expect(status).toBe(502);
      expect(times).toBeLessThanOrEqual(1);
    }
  }
});

test("one kept connection serves one request after another, whatever their methods", async () => {
  for (const method of ["GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS", "GET"])
    expect((await ask(method, `/steady/${method}`)).status).toBe(200);
  expect(used.size).toBe(1);
});

test("an idle connection is closed by the gateway before the backend would", async () => {
  expect((await ask("GET", "/steady/once")).status).toBe(200);
  expect(backends.steady?.connections()).toBeGreaterThan(0);
  await eventually(() => backends.steady?.connections() === 0, "the idle connection is closed");
});

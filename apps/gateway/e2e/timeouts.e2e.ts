import { type FrozenBackend, startFrozenBackend } from "./support/frozen-backend.ts";
import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { eventually, exchange, RawClient, type RawResponse } from "./support/raw-client.ts";
import { fieldOf } from "./support/raw-reader.ts";
import { type RoutedBackend, startRoutedBackend } from "./support/routed-backend.ts";
import { accessLine, active, settled } from "./support/stage.ts";

const TIMEOUTS = { connect: 1000, head: 300, body: 300 };

let frozen: FrozenBackend;
let backend: RoutedBackend;
let gateway: RunningGateway;

beforeAll(async () => {
  frozen = await startFrozenBackend();
  backend = await startRoutedBackend();
  const common = { health: false, timeouts: TIMEOUTS } as const;
  const [dead, alive] = [`http://127.0.0.1:${frozen.port}`, `http://127.0.0.1:${backend.port}`];
  gateway = await startGateway({
    ...testConfig([]),
    routes: [
      { path: "/frozen", pool: "frozen", auth: "none" },
      { path: "/either", pool: "either", auth: "none" },
      { path: "/", auth: "none" },
    ],
    pools: {
      frozen: { ...common, backends: [dead], retries: 0 },
      either: { ...common, backends: [dead, alive] },
      default: { ...common, backends: [alive], retries: 0 },
    },
  });
});

afterAll(async () => {
  await settled(gateway).finally(() => gateway.stop());
  await Promise.all([frozen.close(), backend.close()]);
});

function ask(method: string, path: string): Promise<RawResponse> {
  const length = method === "POST" ? "Content-Length: 0\r\n" : "";
  return exchange(gateway.http, `${method} ${path} HTTP/1.1\r\nHost: a\r\n${length}\r\n`);
}

/** Runs a check for several cases at once, since each of them waits. */
async function each<T>(cases: readonly T[], check: (one: T) => Promise<void>): Promise<void> {
  await Promise.all(cases.map(check));
}

const METHODS = ["GET", "POST"];

test("a request for which no connection is made in time is told so: 504", async () => {
  await each(METHODS, async (method) => {
    const { status, head, body } = await ask(method, `/frozen/${method}`);
    expect(status).toBe(504);
    expect(JSON.parse(body)).toMatchObject({ code: "upstream-connect-timeout" });
    const told = `headgate; error=connection_timeout; next-hop="127.0.0.1:${frozen.port}"`;
    expect(fieldOf(head, "proxy-status")).toBe(told);
  });
});

test("a request for which no connection is made in time goes to another backend, whatever its method", async () => {
  // Round robin: half of them begin at the frozen one.
  await each(["GET-1", "POST-2", "POST-3", "GET-4"], async (name) => {
    const path = `/either/${name}`;
    const { status } = await ask(name.slice(0, -2), path);
    expect(status).toBe(200);
    expect(backend.requestsTo(path)).toHaveLength(1);
  });
});

test("a request whose answer does not begin in time is told so: 504", async () => {
  await each(METHODS, async (method) => {
    const path = `/silent-${method}`;
    const turn = backend.turn(path);
    const asked = ask(method, path);
    const { connection } = await turn;
    const { status, head, body } = await asked;
    expect(status).toBe(504);
    expect(JSON.parse(body)).toMatchObject({ code: "upstream-timeout" });
    const told = `headgate; error=http_response_timeout; next-hop="127.0.0.1:${backend.port}"`;
    expect(fieldOf(head, "proxy-status")).toBe(told);
    expect(await connection.readToEnd()).toBe("");
    expect(backend.requestsTo(path)).toHaveLength(1);
  });
});

test("a body that stops coming breaks the client's connection off", async () => {
  await each(["no-store", "max-age=60"], async (control) => {
    const path = `/stalled-${control}`;
    const turn = backend.turn(path);
    const client = await RawClient.open(gateway.http);
    client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const { connection } = await turn;
    connection.send(`HTTP/1.1 200 OK\r\nCache-Control: ${control}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n`);
    await client.readHead();
    expect(await client.readChunk()).toBe("one");
    expect(await client.readToEnd()).toBe("\r\n");
    expect(await connection.readToEnd()).toBe("");
    const told = { status: 200, outcome: "broken-off", tries: [{ outcome: "body-timeout" }] };
    expect(await accessLine(gateway, path)).toMatchObject(told);
  });
});

test("a body that comes slowly is no body that has stopped", async () => {
  const turn = backend.turn("/dripping");
  const client = await RawClient.open(gateway.http);
  client.send("GET /dripping HTTP/1.1\r\nHost: a\r\n\r\n");
  const { connection, done } = await turn;
  connection.send("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 10\r\n\r\n");
  for (let i = 0; i < 10; i++) {
    connection.send(String(i));
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  expect((await client.readResponse()).body).toBe("0123456789");
  done();
  client.socket.destroy();
});

describe("while a connection is awaited, a client that leaves frees its place at once", () => {
  const UPLOAD = "POST /frozen/NAME HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n";

  test.each([
    ["before an answer", "GET /frozen/NAME HTTP/1.1\r\nHost: a\r\n\r\n", "destroy"],
    ["by a reset", "GET /frozen/NAME HTTP/1.1\r\nHost: a\r\n\r\n", "resetAndDestroy"],
    ["within an upload", UPLOAD, "destroy"],
    ["within an upload, by a reset", UPLOAD, "resetAndDestroy"],
  ] as const)("%s", async (what, request, how) => {
    const name = what.replaceAll(/\W/g, "-");
    const client = await RawClient.open(gateway.http);
    client.send(request.replace("NAME", name));
    await eventually(async () => (await active(gateway)).includes(1), "the request waits for a connection");
    client.socket[how]();
    await settled(gateway);
    expect(await accessLine(gateway, `/frozen/${name}`)).toMatchObject({ status: 499, outcome: "client-gone" });
    client.socket.destroy();
  });
});

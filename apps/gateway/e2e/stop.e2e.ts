import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { type AddressInfo, connect, createServer } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import type { ConfigInput } from "../src/config/schema.ts";
import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { ask, askJson } from "./support/http-client.ts";
import { tells } from "./support/log.ts";
import { type PlainBackend, startPlainBackend } from "./support/plain-backend.ts";
import { eventually, RawClient } from "./support/raw-client.ts";

let backend: PlainBackend;
/** Lets the answers to `/slow` go. */
let release: () => void;
let gateway: RunningGateway | null = null;

beforeEach(async () => {
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  backend = await startPlainBackend(async ({ url }, response) => {
    if (url === "/slow") await released;
    if (url === "/never") return;
    response.end("done");
  });
});
afterEach(async () => {
  gateway?.process.kill("SIGKILL");
  await gateway?.stop();
  gateway = null;
  release();
  await backend.close();
});

async function start(config: ConfigInput = {}): Promise<RunningGateway> {
  gateway = await startGateway(testConfig([backend.port], config));
  return gateway;
}

const ended = async ({ process }: RunningGateway): Promise<number | null> => {
  if (process.exitCode === null && process.signalCode === null) await once(process, "exit");
  return process.exitCode;
};

/** Whether nothing listens there any more. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  const free = await once(server, "listening").then(
    () => true,
    () => false,
  );
  server.close();
  return free;
}

const isStopping = (running: RunningGateway): boolean => running.log().includes("stopping: ");

/** Whether a new connection is taken. */
async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test.each(["SIGTERM", "SIGINT"] as const)("%s: what runs finishes, what is idle is closed, exit 0", async (signal) => {
  const running = await start();
  const idle = await RawClient.open(running.http);
  idle.send("GET /quick HTTP/1.1\r\nHost: a\r\n\r\n");
  expect((await idle.readResponse()).status).toBe(200);
  const slow = ask(`http://127.0.0.1:${running.http}/slow`);
  await eventually(() => backend.seen("/slow").length === 1, "an exchange runs");

  running.process.kill(signal);
  expect(await idle.readToEnd()).toBe("");
  idle.socket.destroy();
  const { status, json } = await askJson(`${running.admin}/readyz`);
  expect({ status, json }).toMatchObject({
    status: 503,
    json: { ready: false, reasons: ["The gateway is stopping."] },
  });
  expect((await ask(`${running.admin}/livez`)).status).toBe(200);
  expect(await accepts(running.http)).toBe(false);

  release();
  const answer = await slow;
  expect(answer).toMatchObject({ status: 200, text: "done", headers: { connection: "close" } });
  expect(await ended(running)).toBe(0);
  expect(await isFree(running.http)).toBe(true);
  expect(await isFree(Number(new URL(running.admin).port))).toBe(true);
  await tells(running, `"reason":"${signal}","msg":"stopping: running exchanges have 10s to finish"`);
  await tells(running, '"msg":"stopped"');
});

test("without anything running it ends at once", async () => {
  const running = await start();
  const began = performance.now();
  running.process.kill("SIGTERM");
  expect(await ended(running)).toBe(0);
  expect(performance.now() - began).toBeLessThan(2000);
});

test("WebSockets are closed with 1001, going away, on both sides", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  gateway = await startGateway(testConfig([(server.address() as AddressInfo).port]));
  const connected = once(server, "connection");
  const client = new WebSocket(`ws://127.0.0.1:${gateway.http}/`);
  await once(client, "open");
  const [atBackend] = (await connected) as [WebSocket];
  const [codes, began] = [[client, atBackend].map((socket) => once(socket, "close")), performance.now()];
  gateway.process.kill("SIGTERM");
  for (const closed of codes) expect((await closed)[0]).toBe(1001);
  expect(await ended(gateway)).toBe(0);
  expect(performance.now() - began).toBeLessThan(3000);
  server.close();
});

test("HTTP/2: no new streams, the running one finishes, idle sessions are closed", async () => {
  const running = await start({ listeners: [{ port: 0, host: "127.0.0.1", tls: "self-signed" }] });
  const origin = `https://127.0.0.1:${running.https}`;
  const [idle, busy] = [1, 2].map(() => connectHttp2(origin, { rejectUnauthorized: false }));
  if (idle === undefined || busy === undefined) throw new Error("no sessions");
  await Promise.all([idle, busy].map((session) => once(session, "connect")));
  const stream = busy.request({ ":path": "/slow" });
  await eventually(() => backend.seen("/slow").length === 1, "a stream runs");
  const closed = Promise.all([idle, busy].map((session) => once(session, "close")));
  const goingAway = once(busy, "goaway");

  running.process.kill("SIGTERM");
  await once(idle, "close");
  await goingAway;
  release();
  const [headers] = await once(stream, "response");
  expect(headers[":status"]).toBe(200);
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) text += chunk;
  expect(text).toBe("done");
  await closed;
  expect(await ended(running)).toBe(0);
});

test("what has not finished at the end of the grace time is broken off", async () => {
  const running = await start({ shutdown: { grace: 500 } });
  const never = ask(`http://127.0.0.1:${running.http}/never`);
  const brokenOff = expect(never).rejects.toMatchObject({ code: "ECONNRESET" });
  await eventually(() => backend.seen("/never").length === 1, "an exchange runs");
  const began = performance.now();
  running.process.kill("SIGTERM");
  await brokenOff;
  expect(await ended(running)).toBe(0);
  const took = performance.now() - began;
  expect(took).toBeGreaterThan(450);
  expect(took).toBeLessThan(3000);
  await tells(running, '"brokenOff":1');
});

test.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const)("a second %s ends it without waiting", async (signal, exitCode) => {
  const running = await start({ shutdown: { grace: "1m" } });
  const never = expect(ask(`http://127.0.0.1:${running.http}/never`)).rejects.toThrow();
  await eventually(() => backend.seen("/never").length === 1, "an exchange runs");
  running.process.kill(signal);
  await eventually(() => isStopping(running), "it is stopping");
  // Right after the first it counts as the same wish: a terminal's Ctrl-C comes twice.
  const again = setInterval(() => running.process.kill(signal), 100);
  expect(await ended(running)).toBe(exitCode);
  clearInterval(again);
  await never;
});

test("it stops when its parent is gone", async () => {
  const running = await start();
  running.process.disconnect();
  expect(await ended(running)).toBe(0);
  await tells(running, '"reason":"disconnect"');
});

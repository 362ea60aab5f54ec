import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { Ring } from "../../src/compose.ts";
import type { ConfigSnapshot } from "../../src/config/snapshot.ts";
import type { ServerTls } from "../../src/config/tls/material.ts";
import { makeSelfSigned } from "../../src/config/tls/self-signed.ts";
import { Handler } from "../../src/downstream/handler.ts";
import { type Listener, openListener } from "../../src/downstream/listeners.ts";
import { Tunnels } from "../../src/downstream/tunnel.ts";
import { aConfig, aGeneration, aResponse } from "./support/exchanges.ts";
import { TestClock } from "./support/upstream.ts";

// What only node's servers themselves can show, over loopback: their options, and what they do beside requests.

let tls: ServerTls;
beforeAll(async () => {
  const { cert, key } = await makeSelfSigned(Date.now());
  tls = { cert, key, requestCert: false, rejectUnauthorized: false, minVersion: "TLSv1.2" };
});

const open: Listener[] = [];
afterEach(() => {
  for (const listener of open.splice(0)) {
    listener.drain();
    listener.destroy();
  }
});

/** A listener that answers each request with how it understood it. */
async function listening(
  options: object,
  secure: boolean,
  changes: object = {},
): Promise<{ port: number; listener: Listener }> {
  const listener = secure ? { tls: "self-signed" } : {};
  const config = aConfig({ listeners: [{ port: 0, host: "127.0.0.1", ...listener, ...changes }], ...options });
  const ring: Ring = {
    run: ({ head, upgrade }) =>
      aResponse({ body: Buffer.from(`${head.version} ${head.method} ${upgrade ?? "plain"}`) }),
    finish: () => undefined,
  };
  const generation = aGeneration();
  const clock = new TestClock();
  const handler = new Handler({
    ring,
    generation: () => generation,
    clock,
    closing: () => false,
    tunnels: new Tunnels(),
    reporter: {
      bug: (error: unknown) => {
        throw error;
      },
    },
  });
  const [first] = config.listeners as ConfigSnapshot["listeners"];
  if (first === undefined) throw new Error("expected a listener");
  open.push(...(await openListener(config, first, secure ? tls : undefined, { handler, clock })));
  const [opened] = open;
  if (opened === undefined) throw new Error("no listener was opened");
  return { port: opened.bound.port, listener: opened };
}

async function secureSocket(port: number, alpn = "http/1.1"): Promise<TLSSocket> {
  const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false, ALPNProtocols: [alpn] });
  await once(socket, "secureConnect");
  return socket;
}

/** The last line of what is answered to `text`, on a connection that ends then. */
async function answered(socket: ReturnType<typeof connect>, text: string): Promise<string> {
  socket.end(text);
  let received = "";
  for await (const chunk of socket) received += String(chunk);
  return received.split("\r\n").at(-1) ?? "";
}

const asking = (...fields: string[]): string => ["GET / HTTP/1.1", "Host: a", ...fields, "", ""].join("\r\n");

test.each([
  ["plain", false, {}],
  ["TLS", true, { http2: false }],
  ["TLS with HTTP/2 beside it", true, {}],
] as const)("%s: only a WebSocket is an upgrade, all else a request without it", async (_name, secure, changes) => {
  const { port } = await listening({}, secure, changes);
  const ask = async (...fields: string[]): Promise<string> =>
    answered(secure ? await secureSocket(port) : connect(port, "127.0.0.1"), asking(...fields));
  expect(await ask("Connection: Upgrade", "Upgrade: h2c")).toBe("1.1 GET plain");
  expect(await ask("Connection: Upgrade", "Upgrade: WebSocket")).toBe("1.1 GET websocket");
});

test("HTTP/2 is offered, unless it is turned off", async () => {
  const { port } = await listening({}, true);
  const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  const stream = session.request({ ":path": "/" });
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  session.destroy();
  expect(text).toBe("2.0 GET plain");
});

test("an HTTP/2 connection that stays idle is closed, as one of HTTP/1 is", async () => {
  const { port, listener } = await listening({ timeouts: { clientIdle: 50 } }, true);
  const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  await once(session, "connect");
  expect(listener.connections).toBe(1);
  await once(session, "goaway");
  await once(session, "close");
});

test("a connection whose TLS handshake does not begin is closed after the time for a head", async () => {
  const { port } = await listening({ timeouts: { clientHeader: 50 } }, true);
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "close");
});

test("beyond the most connections new ones are closed, and room comes back", async () => {
  const { port, listener } = await listening({ limits: { connections: 1 } }, false);
  const first = connect(port, "127.0.0.1");
  await once(first, "connect");
  const second = connect(port, "127.0.0.1");
  second.on("error", () => undefined);
  await once(second, "close");
  expect(listener.connections).toBe(1);
  expect(await answered(first, asking())).toBe("1.1 GET plain");
});

test("a listener is told by where it is bound, and is gone when it is drained", async () => {
  const { port, listener } = await listening({}, false);
  expect(listener.bound).toEqual({ scheme: "http", address: "127.0.0.1", port });
  listener.drain();
  const late = connect(port, "127.0.0.1");
  const [error] = (await once(late, "error")) as [{ code?: string }];
  expect(error.code).toBe("ECONNREFUSED");
});

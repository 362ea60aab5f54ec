import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from "node:net";
import type { TLSSocket } from "node:tls";
import { makeSelfSigned } from "../src/config/tls/self-signed.ts";
import { askAgent } from "../src/control/agent.ts";
import { GuardedPattern } from "../src/control/guarded-pattern.ts";
import { createProber, type ProbeTarget } from "../src/control/probe.ts";
import { probeReason } from "../src/control/probe-reason.ts";

const open: TcpServer[] = [];
const sockets = new Set<Socket>();

async function listening(server: TcpServer): Promise<number> {
  open.push(server);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(open.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

const http = (listener: RequestListener): Promise<number> => listening(createServer(listener));
const raw = (answer: string): Promise<number> =>
  listening(createTcpServer((socket) => socket.once("data", () => socket.end(answer)).on("error", () => undefined)));

function ask(target: Partial<ProbeTarget>, signal = new AbortController().signal) {
  let now = 1000;
  const prober = createProber(() => (now += 7));
  const plain = { type: "http", path: "/health", fields: {}, expected: {}, onBody: null } as const;
  return prober({ url: "http://127.0.0.1", ...plain, tls: { verify: true }, ...target }, signal);
}

const at = (port: number): { url: string } => ({ url: `http://127.0.0.1:${port}` });

test("asks for the path as the health checker, and tells when it began and how long it took", async () => {
  const seen: unknown[] = [];
  const port = await http(({ method, url, headers }, response) => {
    seen.push(method, url, headers.host, headers["user-agent"], headers.connection);
    response.end("fine");
  });
  expect(await ask({ ...at(port), path: "/up?deep=1" })).toEqual({ ok: true, status: 200, at: 1007, latency: 7 });
  expect(seen).toEqual(["GET", "/up?deep=1", `127.0.0.1:${port}`, "headgate-health", "close"]);
});

test.each([
  [200, true],
  [204, true],
  [299, true],
  [301, false],
  [304, false],
  [404, false],
  [500, false],
  [503, false],
])("status %i is healthy: %s", async (status, ok) => {
  const port = await http((_, response) => response.writeHead(status, { Location: "/" }).end());
  expect(await ask(at(port))).toMatchObject(ok ? { ok, status } : { ok, reason: `status ${status}` });
});

test("the status, the fields and the body are as expected, or what is wrong is told", async () => {
  const port = await http(({ headers }, response) => {
    const known = headers.host === "api.internal" && headers["x-check"] === "1";
    response.writeHead(known ? 418 : 400).end('{"status":"ok"}');
  });
  const fields = { Host: "api.internal", "X-Check": "1" };
  const asked = (expected: ProbeTarget["expected"]) => ask({ ...at(port), fields, expected });
  const status = [418];
  expect(await asked({ status })).toMatchObject({ ok: true, status: 418 });
  expect(await asked({})).toMatchObject({ ok: false, reason: "status 418" });
  expect(await asked({ status, body: "ok" })).toMatchObject({ ok: true });
  expect(await asked({ status, body: "well" })).toMatchObject({ ok: false, reason: 'body has no "well"' });
  expect(await asked({ status, body: new GuardedPattern("^\\{.*ok") })).toMatchObject({ ok: true });
  expect(await asked({ status, body: new GuardedPattern("^ok") })).toMatchObject({
    ok: false,
    reason: "body does not match /^ok/u",
  });
});

test("the body of a good answer is handed on", async () => {
  let status = 200;
  const port = await http((_, response) => response.writeHead(status).end('{"load":{"cpu":0.5}}'));
  const bodies: string[] = [];
  await ask({ ...at(port), onBody: (body) => bodies.push(body) });
  status = 500;
  await ask({ ...at(port), onBody: (body) => bodies.push(body) });
  expect(bodies).toEqual(['{"load":{"cpu":0.5}}']);
});

test("a TCP check connects, whatever is said there", async () => {
  const silent = createTcpServer();
  const url = `http://127.0.0.1:${await listening(silent)}`;
  expect(await ask({ url, type: "tcp" })).toEqual({ ok: true, status: null, at: 1007, latency: 7 });
  await new Promise((resolve) => silent.close(resolve));
  expect(await ask({ url, type: "tcp" })).toMatchObject({ ok: false, reason: "connection refused" });
  expect(await ask({ url, type: "tcp" }, AbortSignal.abort())).toMatchObject({ ok: false });
});

test("a pattern that would take for ever is not found", () => {
  const began = performance.now();
  expect(`${"a".repeat(40)}b`.search(new GuardedPattern("^(a+)+$"))).toBe(-1);
  expect(performance.now() - began).toBeLessThan(5000);
  expect("xxaaa".search(new GuardedPattern("a+$"))).toBe(2);
});

describe("an agent", () => {
  const says = (...parts: string[]): Promise<number> =>
    listening(
      createTcpServer((socket) => {
        for (const part of parts) socket.write(part);
        socket.end();
      }),
    );
  const asking = (port: number, signal = new AbortController().signal) => askAgent("127.0.0.1", port, signal);

  test.each([
    ["a line", ["up 75%\n"], "up 75%"],
    ["a line in parts, and more behind it", ["up ", "75%\r\nmore\n"], "up 75%"],
    ["a line that ends with the connection", ["drain"], "drain"],
    ["nothing", [], null],
    ["an empty line", ["\n"], null],
  ])("says %s", async (_name, parts, line) => {
    expect(await asking(await says(...parts))).toBe(line);
  });

  test("that is not there, or is broken off, says nothing", async () => {
    const server = createTcpServer();
    const port = await listening(server);
    expect(await asking(port, AbortSignal.timeout(20))).toBeNull();
    await new Promise((resolve) => server.close(resolve));
    expect(await asking(port)).toBeNull();
  });
});

test("a refused connection", async () => {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  expect(await ask(at(port))).toMatchObject({ ok: false, reason: "connection refused" });
});

test("a name that does not exist", async () => {
  const { ok } = await ask({ url: "http://headgate.invalid" });
  expect(ok).toBe(false);
});

test.each([
  ["silence", (_socket: Socket): void => undefined],
  [
    "a head without the rest of its body",
    (socket: Socket): void => void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"),
  ],
])("%s is broken off by the signal, and nothing stays open", async (_, behave) => {
  const server = createTcpServer((socket) => {
    socket.on("error", () => undefined).once("data", () => behave(socket));
  });
  const port = await listening(server);
  const abort = new AbortController();
  const result = ask(at(port), abort.signal);
  const [socket] = (await once(server, "connection")) as [Socket];
  const closed = once(socket, "close");
  setTimeout(() => abort.abort(), 20);
  expect((await result).ok).toBe(false);
  await closed;
});

test("a signal that is aborted already", async () => {
  expect((await ask(at(1), AbortSignal.abort())).ok).toBe(false);
});

test.each([
  ["an answer that breaks off before its head", "", "connection broken off"],
  ["an answer that breaks off in its body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", "connection broken off"],
  ["what is not HTTP", "SSH-2.0-OpenSSH_9.2\r\n", "not an HTTP answer"],
])("%s", async (_, answer, reason) => {
  expect(await ask(at(await raw(answer)))).toMatchObject({ ok: false, reason });
});

test("a body without end is cut off at 64 KiB, and its status counts", async () => {
  const server = createServer((_, response) => {
    const pour = (): void => {
      while (response.write("x".repeat(16_384)));
    };
    response.on("drain", pour).on("error", () => undefined);
    pour();
  });
  const port = await listening(server);
  const result = ask(at(port));
  const [socket] = (await once(server, "connection")) as [Socket];
  const closed = new Promise((resolve) => socket.once("close", resolve));
  expect(await result).toMatchObject({ ok: true, status: 200 });
  await closed;
});

describe("TLS", () => {
  let pair: { cert: string; key: string };
  beforeAll(async () => {
    pair = await makeSelfSigned(Date.now());
  });

  test.each<[string, (pair: { cert: string }) => ProbeTarget["tls"], object]>([
    ["is verified", () => ({ verify: true }), { ok: false, reason: "certificate: self-signed" }],
    ["is not looked at with verify: false", () => ({ verify: false }), { ok: true, status: 200 }],
    [
      "may be vouched for by the pool's own authority",
      ({ cert }) => ({ verify: true, ca: cert }),
      { ok: true, status: 200 },
    ],
    [
      "must be for the name that is asked for",
      ({ cert }) => ({ verify: true, ca: cert, servername: "api.internal" }),
      { ok: false, reason: "certificate: made for another name" },
    ],
    [
      "may be for the name in the pool's settings",
      ({ cert }) => ({ verify: true, ca: cert, servername: "localhost" }),
      { ok: true },
    ],
  ])("a certificate %s", async (_, tls, expected) => {
    const port = await listening(createTlsServer(pair, (_, response) => response.end("ok")));
    expect(await ask({ url: `https://127.0.0.1:${port}`, tls: tls(pair) })).toMatchObject(expected);
  });

  test("shows the pool's client certificate to a backend that asks for one", async () => {
    const server = createTlsServer(
      { ...pair, requestCert: true, rejectUnauthorized: false },
      ({ socket }, response) => {
        const shown = (socket as TLSSocket).getPeerX509Certificate() !== undefined;
        response.writeHead(shown ? 200 : 403).end();
      },
    );
    const url = `https://127.0.0.1:${await listening(server)}`;
    expect(await ask({ url, tls: { verify: false } })).toMatchObject({ ok: false, reason: "status 403" });
    expect(await ask({ url, tls: { verify: false, ...pair } })).toMatchObject({ ok: true });
  });

  test("a plain backend under https", async () => {
    const port = await http((_, response) => response.end());
    expect(await ask({ url: `https://127.0.0.1:${port}` })).toMatchObject({
      ok: false,
      reason: "TLS handshake failed",
    });
  });
});

test.each([
  [{ code: "EHOSTUNREACH" }, "host unreachable"],
  [{ code: "CERT_HAS_EXPIRED" }, "certificate: expired"],
  [{ code: "ERR_SSL_WRONG_VERSION_NUMBER" }, "TLS handshake failed"],
  [{ code: "ENEW" }, "ENEW"],
  [{}, "odd"],
])("%j is told as %s", (fields, reason) => {
  expect(probeReason(Object.assign(new Error("odd"), fields))).toBe(reason);
});

import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { makeSelfSigned } from "../../src/config/tls/self-signed.ts";
import { Attempt } from "../../src/upstream/attempt.ts";
import { AttemptError } from "../../src/upstream/attempt-error.ts";
import { BackendConnections, type BackendTls } from "../../src/upstream/send-pass.ts";
import { settle } from "./support/connections.ts";
import { anAttemptRecord, aRequest, TestClock } from "./support/upstream.ts";

// What only a TLS connection itself can show, over loopback.

let material: { cert: string; key: string };
beforeAll(async () => {
  material = await makeSelfSigned(Date.now());
});

const toClose: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0)) await close();
});

/** A backend with a certificate for localhost, 127.0.0.1 and ::1, that notes the names it is asked for. */
async function backend() {
  const names: (string | false | undefined)[] = [];
  const server: Server = createServer(material, (_request, response) => response.end("ok"));
  server.on("secureConnection", (socket) =>
    names.push("servername" in socket ? (socket.servername as string | false) : undefined),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  toClose.push(() => server.close());
  return { names, port: (server.address() as AddressInfo).port };
}

function connectionsTo(host: string, port: number, tls: Partial<BackendTls>): BackendConnections {
  const connections = new BackendConnections(`${host}:${port}`, `https://${host}:${port}`, {
    ...{ connectTimeout: 3000, headTimeout: 3000, bodyTimeout: 3000, keepAlive: 4000, responseBuffer: 1000 },
    connections: null,
    tls: { verify: true, ca: material.cert, ...tls },
  });
  toClose.push(() => connections.destroy());
  return connections;
}

/** A GET under this Host: the status, or how it failed. */
function asking(connections: BackendConnections, host: string): Promise<number | string> {
  return new Promise((resolve) => {
    const request = aRequest({ fields: ["Host", host] });
    let status = 0;
    const attempt: Attempt = new Attempt(request, anAttemptRecord(), 1000, new TestClock(), {
      resolve: (response) => {
        status = response.status;
      },
      reject: (error) => resolve(error instanceof AttemptError ? error.failure.kind : String(error)),
      settled: (error) => error === null && resolve(status),
    });
    connections.dispatch(attempt);
  });
}

test("the name that is asked for and checked is the backend's, whatever Host the client sends, over one connection", async () => {
  const { names, port } = await backend();
  const connections = connectionsTo("localhost", port, {});
  for (const host of ["localhost", "www.example.com", "evil.org:81", "127.0.0.1"]) {
    expect(await asking(connections, host)).toBe(200);
    // The connection is free again a moment after its response.
    await settle(5);
  }
  expect(names).toEqual(["localhost"]);
});

test("a backend told by address is asked for no name, and checked by its address", async () => {
  const { names, port } = await backend();
  expect(await asking(connectionsTo("127.0.0.1", port, {}), "www.example.com")).toBe(200);
  expect(names).toEqual([false]);
});

test("the name that the config tells wins", async () => {
  const { names, port } = await backend();
  const connections = connectionsTo("127.0.0.1", port, { servername: "localhost" });
  expect(await asking(connections, "www.example.com")).toBe(200);
  expect(names).toEqual(["localhost"]);
});

test("a certificate for another name, or of an unknown authority, is a failure of TLS, unless it is not verified", async () => {
  const { port } = await backend();
  expect(await asking(connectionsTo("127.0.0.1", port, { servername: "example.com" }), "localhost")).toBe("tls");
  expect(await asking(connectionsTo("127.0.0.1", port, { ca: undefined }), "localhost")).toBe("tls");
  expect(await asking(connectionsTo("127.0.0.1", port, { ca: undefined, verify: false }), "localhost")).toBe(200);
});

import { startGateway, testConfig } from "./support/gateway.ts";
import type { BackendConnection } from "./support/raw-backend.ts";
import { RawClient } from "./support/raw-client.ts";
import { startRoutedBackend } from "./support/routed-backend.ts";
import { accessLine, settled, stage, troubles } from "./support/stage.ts";
import { acceptUpgrade, closeFrame, closeStatus, frame, readFrame, TEXT, UPGRADE } from "./support/web-socket.ts";

const here = stage();

/** Opens a WebSocket; both its ends. */
async function open(path: string, { gateway, backend } = here): Promise<[RawClient, BackendConnection]> {
  const turn = backend.turn(path);
  const client = await RawClient.open(gateway.http);
  client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\n`);
  const { head, connection } = await turn;
  connection.send(acceptUpgrade(head));
  expect(await client.readHead()).toMatch(/^HTTP\/1\.1 101 /);
  return [client, connection];
}

test("a client's close reaches the backend, whose answer reaches the client, and both connections end", async () => {
  const [client, backend] = await open("/client-closes");
  client.send(closeFrame(1000, "client"));
  expect(closeStatus(await readFrame(backend))).toBe(1000);
  backend.send(closeFrame(1000, "server"));
  backend.socket.end();
  expect(closeStatus(await readFrame(client))).toBe(1000);
  expect(await client.readToEnd()).toBe("");
  client.socket.end();
  expect(await backend.readToEnd()).toBe("");
  await settled(here.gateway);
  expect(await accessLine(here.gateway, "/client-closes")).toMatchObject({ status: 101, outcome: "complete" });
});

test("a backend's close reaches the client", async () => {
  const [client, backend] = await open("/backend-closes");
  backend.send(closeFrame(4001, "server"));
  expect(closeStatus(await readFrame(client))).toBe(4001);
  client.send(closeFrame(4001, "client"));
  expect(closeStatus(await readFrame(backend))).toBe(4001);
  backend.socket.end();
  expect(await client.readToEnd()).toBe("");
  client.socket.end();
  await settled(here.gateway);
});

test.each(["destroy", "resetAndDestroy"] as const)("a client that is gone (%s) frees the backend", async (how) => {
  const [client, backend] = await open(`/client-gone-${how}`);
  client.socket[how]();
  expect(await backend.readToEnd()).toBe("");
  await settled(here.gateway);
});

test.each(["destroy", "resetAndDestroy"] as const)(
  "a backend that is gone (%s) ends the client's connection",
  async (how) => {
    const [client, backend] = await open(`/backend-gone-${how}`);
    client.send(frame(TEXT, Buffer.from("before"), "client"));
    expect((await readFrame(backend)).content.toString()).toBe("before");
    backend.socket[how]();
    expect(await client.readToEnd()).toBe("");
    client.socket.destroy();
    await settled(here.gateway);
  },
);

test("a slow reader slows the sender down, and loses nothing", async () => {
  const [client, backend] = await open("/slow-reader");
  client.socket.pause();
  const message = frame(TEXT, Buffer.alloc(100_000, "x"), "server");
  let sent = 0;
  while (backend.socket.write(message)) sent++;
  for (let i = 0; i < 100; i++, sent++) backend.socket.write(message);
  client.socket.resume();
  for (let i = 0; i <= sent; i++) expect((await readFrame(client)).content).toHaveLength(100_000);
  client.socket.destroy();
  await settled(here.gateway);
});

test("a gateway that stops tells both ends: 1001, going away", async () => {
  const backend = await startRoutedBackend();
  const gateway = await startGateway(testConfig([backend.port]));
  const [client, server] = await open("/stopped", { gateway, backend });
  client.send(frame(TEXT, Buffer.from("hello"), "client"));
  expect((await readFrame(server)).content.toString()).toBe("hello");
  const stopped = gateway.stop();
  expect(closeStatus(await readFrame(client))).toBe(1001);
  expect(closeStatus(await readFrame(server))).toBe(1001);
  expect(await client.readToEnd()).toBe("");
  expect(await server.readToEnd()).toBe("");
  client.socket.end();
  server.socket.end();
  expect(await stopped).toBe(0);
  expect(troubles(gateway)).toEqual([]);
  await backend.close();
});

test("a gateway that stops within a frame cuts no frame in two", async () => {
  const backend = await startRoutedBackend();
  const gateway = await startGateway(testConfig([backend.port], { shutdown: { grace: "500ms" } }));
  const [client, server] = await open("/cut", { gateway, backend });
  const half = frame(TEXT, Buffer.from("a message of which half has come"), "server").subarray(0, 10);
  server.socket.write(half);
  expect(await client.readBytes(10)).toBe(half.toString("latin1"));
  const stopped = gateway.stop();
  expect(closeStatus(await readFrame(server))).toBe(1001);
  expect(await client.readToEnd()).toBe("");
  client.socket.destroy();
  server.socket.destroy();
  expect(await stopped).toBe(0);
  await backend.close();
});

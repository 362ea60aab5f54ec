import { type Duplex, duplexPair } from "node:stream";
import { Tunnels } from "../../src/downstream/tunnel.ts";
import { CLIENT_GOING_AWAY, SERVER_GOING_AWAY } from "../../src/downstream/websocket-frames.ts";
import { memoryConnection } from "./support/connections.ts";
import { aResponse } from "./support/exchanges.ts";
import { virtualTimers } from "./support/virtual-timers.ts";

let sockets: Duplex[] = [];
// Before the timers are counted: what is closed has none.
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  await settle();
});

const virtual = virtualTimers();

/** The far end of one side of a tunnel, with what arrived there. */
class Peer {
  readonly end: Duplex;
  received = "";
  ended = false;

  constructor(end: Duplex) {
    this.end = end;
    end.on("data", (chunk: Buffer) => {
      this.received += chunk.toString("latin1");
    });
    end.on("end", () => {
      this.ended = true;
    });
    end.on("error", () => undefined);
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function openTunnel(ahead = "") {
  const [clientSocket, client] = memoryConnection();
  const [backend, backendSocket] = duplexPair();
  const tunnels = new Tunnels();
  sockets.push(clientSocket, backendSocket);
  const response = aResponse({ status: 101, fields: ["Sec-WebSocket-Accept", "x"], tunnel: backendSocket });
  tunnels.open(clientSocket, Buffer.from(ahead), response, backendSocket, 5000);
  const scene = { tunnels, client: new Peer(client), backend: new Peer(backend), clientSocket, backendSocket };
  await settle();
  return scene;
}

const HEAD =
  "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n";

test("the client gets the backend's answer, and bytes go both ways", async () => {
  const { client, backend, tunnels } = await openTunnel();
  client.end.write("to the backend");
  backend.end.write("to the client");
  await settle();
  expect([client.received, backend.received]).toEqual([`${HEAD}to the client`, "to the backend"]);
  expect(tunnels.size).toBe(1);
});

test("bytes that the client sent ahead come first", async () => {
  const { client, backend } = await openTunnel("ahead, ");
  client.end.write("then");
  await settle();
  expect(backend.received).toBe("ahead, then");
});

test.each(["client", "backend"] as const)(
  "when the %s closes, so does the other side, and nothing is left",
  async (who) => {
    const scene = await openTunnel();
    scene[who].end.end();
    await settle();
    expect(scene[who === "client" ? "backend" : "client"].ended).toBe(true);
    scene[who === "client" ? "backend" : "client"].end.end();
    await settle();
    expect([scene.tunnels.size, scene.clientSocket.destroyed, scene.backendSocket.destroyed]).toEqual([0, true, true]);
  },
);

test.each(["clientSocket", "backendSocket"] as const)(
  "when the %s breaks, the other side is broken off",
  async (which) => {
    const scene = await openTunnel();
    scene[which].destroy(new Error("reset"));
    await settle();
    expect([scene.clientSocket.writableEnded || scene.clientSocket.destroyed, scene.backendSocket.destroyed]).toEqual([
      true,
      true,
    ]);
  },
);

const FRAME = "\x82\x03abc";

test("a gateway that stops tells both ends, between their frames", async () => {
  const { tunnels, client, backend } = await openTunnel();
  backend.end.write(Buffer.from(FRAME, "latin1"));
  await settle();
  tunnels.goAway();
  await settle();
  expect(client.received).toBe(`${HEAD}${FRAME}${SERVER_GOING_AWAY.toString("latin1")}`);
  expect(backend.received).toBe(CLIENT_GOING_AWAY.toString("latin1"));
  expect([client.ended, backend.ended]).toEqual([true, true]);
});

test("a frame that is under way is not cut in two by it", async () => {
  const { tunnels, client, backend } = await openTunnel();
  backend.end.write(Buffer.from(FRAME.slice(0, 3), "latin1"));
  client.end.write(Buffer.from(FRAME.slice(0, 1), "latin1"));
  await settle();
  tunnels.goAway();
  await settle();
  expect(client.received).toBe(`${HEAD}${FRAME.slice(0, 3)}`);
  expect([backend.received, backend.ended, client.ended]).toEqual([FRAME.slice(0, 1), true, true]);
});

test("a client that never closes its side is let go a second after its backend has gone", async () => {
  const { clientSocket, backendSocket, tunnels } = await openTunnel();
  backendSocket.destroy();
  await settle();
  expect([clientSocket.writableEnded, clientSocket.destroyed]).toEqual([true, false]);
  await virtual.time.advanceAsync(1000);
  await settle();
  expect([clientSocket.destroyed, tunnels.size]).toEqual([true, 0]);
});

test("where both sides are silent for too long, both are told to go, and are let go a second later", async () => {
  const { client, backend, clientSocket, backendSocket, tunnels } = await openTunnel();
  expect(clientSocket.idleLimit).toBe(5000);
  clientSocket.emit("timeout");
  await settle();
  expect(client.received).toBe(`${HEAD}${SERVER_GOING_AWAY.toString("latin1")}`);
  expect(backend.received).toBe(CLIENT_GOING_AWAY.toString("latin1"));
  await virtual.time.advanceAsync(1000);
  await settle();
  expect([clientSocket.destroyed, backendSocket.destroyed, tunnels.size]).toEqual([true, true, 0]);
});

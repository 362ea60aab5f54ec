import { once } from "node:events";
import { WebSocket } from "ws";
import { rawSend, start, stopAll } from "./support.ts";

afterEach(stopAll);

async function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url.replace("http", "ws"), { rejectUnauthorized: false });
  await once(socket, "open");
  return socket;
}

test.each([false, true])("text and binary messages are echoed (tls: %s)", async (tls) => {
  const { url } = await start({ tls });
  const socket = await open(`${url}/ws?x=1`);
  for (const message of ["hello", Buffer.from([0, 255, 1])]) {
    socket.send(message);
    const [data, isBinary] = (await once(socket, "message")) as [Buffer, boolean];
    expect([data, isBinary]).toEqual([Buffer.from(message), typeof message !== "string"]);
  }
  socket.close(4001, "bye");
  expect(await once(socket, "close")).toEqual([4001, Buffer.from("bye")]);
});

test("an upgrade elsewhere is a 404, a plain request to /ws a 426", async () => {
  const { url } = await start();
  await expect(open(`${url}/other`)).rejects.toThrow("404");
  const response = await fetch(`${url}/ws`);
  expect(response.status).toBe(426);
  expect(response.headers.get("Upgrade")).toBe("websocket");
});

test("a broken frame or a reset ends that socket, not the backend", async () => {
  const { url, port } = await start();
  const socket = await open(`${url}/ws`);
  const handshake = "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
  const raw = rawSend(
    port,
    `${handshake}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
  );
  await once(raw, "data");
  raw.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
  raw.resume();
  await once(raw, "close");
  const reset = rawSend(port, `${handshake}\r\n`);
  await once(reset, "connect");
  reset.resetAndDestroy();
  socket.send("still there");
  expect((await once(socket, "message"))[0]).toEqual(Buffer.from("still there"));
  socket.terminate();
});

test("stopping tells the sockets", async () => {
  const { url } = await start();
  const socket = await open(`${url}/ws`);
  const closed = once(socket, "close");
  await stopAll();
  expect((await closed)[0]).toBe(1001);
});

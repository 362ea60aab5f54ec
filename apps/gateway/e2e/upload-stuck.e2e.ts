import { startGateway, testConfig } from "./support/gateway.ts";
import { RawClient } from "./support/raw-client.ts";
import { startRoutedBackend } from "./support/routed-backend.ts";
import { settled } from "./support/stage.ts";

/**
 * A client that closes behind bytes that nobody takes cannot be seen to leave: its end waits in the kernel behind them. What
 * frees the backend then is the time that it has for its head.
 */
test("an upload that neither side moves any more is freed by the time-out of the head at the latest", async () => {
  const backend = await startRoutedBackend();
  const url = `http://127.0.0.1:${backend.port}`;
  const pools = { default: { backends: [url], health: false as const, timeouts: { head: "1s" } } };
  const gateway = await startGateway(testConfig([], { pools }));
  const turn = backend.turn("/upload-stuck");
  const client = await RawClient.open(gateway.http);
  const block = `10000\r\n${"x".repeat(0x10000)}\r\n`;
  client.send(`POST /upload-stuck HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${block}`);
  const { connection } = await turn;
  connection.socket.pause();
  // As much as the buffers on the way take, until nothing moves any more.
  while (client.socket.write(block));
  client.socket.destroy();
  await settled(gateway);
  connection.socket.resume();
  await connection.readToEnd();
  expect(await gateway.stop()).toBe(0);
  await backend.close();
});

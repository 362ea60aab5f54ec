import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { RawClient } from "./support/raw-client.ts";
import { fieldOf } from "./support/raw-reader.ts";
import { SampleBackend } from "./support/sample-backend.ts";
import { active, settled, stage } from "./support/stage.ts";

const here = stage();

describe.each(["identity", "gzip", "br, zstd, gzip, deflate"])("to a client that accepts %s", (accept) => {
  const name = accept.replace(/\W.*/, "");

  test("each event arrives while the stream is open, as it was sent", async () => {
    const turn = here.backend.turn(`/events-${name}`);
    const client = await RawClient.open(here.gateway.http);
    client.send(
      `GET /events-${name} HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\nAccept-Encoding: ${accept}\r\n\r\n`,
    );
    const { connection } = await turn;
    connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-cache\r\n");
    connection.send("Transfer-Encoding: chunked\r\n\r\n");
    // The head alone opens an EventSource.
    const head = await client.readHead();
    expect(fieldOf(head, "content-type")).toBe("text/event-stream; charset=utf-8");
    expect(fieldOf(head, "content-encoding")).toBeUndefined();
    for (let id = 1; id <= 5; id++) {
      const event = `id: ${id}\ndata: {"tick":${id}}\n\n`;
      connection.send(`${event.length.toString(16)}\r\n${event}\r\n`);
      expect(await client.readChunk()).toBe(event);
    }
    client.socket.destroy();
    expect(await connection.readToEnd()).toBe("");
    await settled(here.gateway);
  });
});

test("an event cut in two by the backend arrives in two", async () => {
  const turn = here.backend.turn("/cut");
  const client = await RawClient.open(here.gateway.http);
  client.send("GET /cut HTTP/1.1\r\nHost: a\r\n\r\n");
  const { connection } = await turn;
  connection.send(
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n6\r\ndata: \r\n",
  );
  await client.readHead();
  expect(await client.readChunk()).toBe("data: ");
  connection.send("3\r\n1\n\n\r\n");
  expect(await client.readChunk()).toBe("1\n\n");
  connection.socket.destroy();
  expect(await client.readToEnd()).not.toContain("0\r\n\r\n");
});

test("two clients have a stream each, and one that leaves closes its own", async () => {
  const streams = [];
  for (let i = 0; i < 2; i++) {
    const turn = here.backend.turn("/each");
    const client = await RawClient.open(here.gateway.http);
    client.send("GET /each HTTP/1.1\r\nHost: a\r\n\r\n");
    const { connection } = await turn;
    connection.send(
      `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n${i}\r\n`,
    );
    await client.readHead();
    expect(await client.readChunk()).toBe(String(i));
    streams.push({ client, connection });
  }
  expect(await active(here.gateway)).toEqual([2]);
  const [left, stays] = streams;
  left?.client.socket.destroy();
  expect(await left?.connection.readToEnd()).toBe("");
  stays?.connection.send("3\r\n2\n\n\r\n");
  expect(await stays?.client.readChunk()).toBe("2\n\n");
  stays?.client.socket.destroy();
  await settled(here.gateway);
});

describe("from the sample backend", () => {
  let backend: SampleBackend;
  let gateway: RunningGateway;

  beforeAll(async () => {
    backend = await SampleBackend.start();
    gateway = await startGateway(testConfig([backend.port]));
  });

  afterAll(async () => {
    await gateway.stop();
    await backend.kill();
  });

  test("ticks arrive one by one, and the client that leaves is the end of them", async () => {
    const client = await RawClient.open(gateway.http);
    client.send("GET /events?interval=20 HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
    await client.readHead();
    for (let tick = 1; tick <= 5; tick++) {
      const event = await client.readChunk();
      expect(event.match(/^id: /gm)).toHaveLength(1);
      expect(event).toContain(`id: ${tick}\n`);
    }
    expect(await active(gateway)).toEqual([1]);
    client.socket.destroy();
    await settled(gateway);
  });
});

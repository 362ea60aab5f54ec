import { exchange, RawClient } from "./support/raw-client.ts";
import { fieldOf } from "./support/raw-reader.ts";
import { stage } from "./support/stage.ts";

const here = stage();

/** A chunked answer with these trailers. */
function answer(path: string, trailers: string, fields = "Trailer: X-Sum\r\n"): void {
  here.backend.at(path, (_head, connection) =>
    connection.send(
      `HTTP/1.1 200 OK\r\nCache-Control: no-store\r\n${fields}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n${trailers}\r\n`,
    ),
  );
}

test("trailers of a chunked answer reach the client behind its chunks", async () => {
  answer("/passed", "X-Sum: 42\r\nServer-Timing: db;dur=1\r\n");
  const client = await RawClient.open(here.gateway.http);
  client.send("GET /passed HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n\r\n");
  const { status, head, body, trailers } = await client.readResponse();
  expect({ status, body }).toEqual({ status: 200, body: "hello" });
  expect(fieldOf(head, "transfer-encoding")).toBe("chunked");
  expect(trailers.toLowerCase()).toBe("x-sum: 42\r\nserver-timing: db;dur=1\r\n");
  client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  expect((await client.readResponse()).status).toBe(200);
  client.socket.destroy();
});

test("fields that route, authenticate or set state do not come in trailers", async () => {
  const forbidden =
    "Host: evil\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a=1\r\nConnection: close\r\nAuthorization: x\r\nContent-Type: text/html\r\n";
  answer("/forbidden", `${forbidden}X-Sum: 42\r\n`);
  const { trailers } = await exchange(here.gateway.http, "GET /forbidden HTTP/1.1\r\nHost: a\r\n\r\n");
  expect(trailers.toLowerCase()).toBe("x-sum: 42\r\n");
});

test("a length among the trailers never becomes one of the answer", async () => {
  answer("/spoilt", "Content-Length: 99\r\n");
  const client = await RawClient.open(here.gateway.http);
  client.send("GET /spoilt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  expect(await client.readToEnd()).not.toMatch(/content-length: 99/i);
  client.socket.destroy();
});

test("an HTTP/1.0 client gets the content without them", async () => {
  answer("/old", "X-Sum: 42\r\n");
  const { head, body } = await exchange(here.gateway.http, "GET /old HTTP/1.0\r\n\r\n");
  expect(body).toBe("hello");
  expect(fieldOf(head, "transfer-encoding")).toBeUndefined();
  expect(fieldOf(head, "trailer")).toBeUndefined();
});

test("HEAD gets neither content nor trailers", async () => {
  here.backend.at("/head", (_head, connection) =>
    connection.send(
      "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n",
    ),
  );
  const client = await RawClient.open(here.gateway.http);
  client.send("HEAD /head HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  expect((await client.readResponse(true)).status).toBe(200);
  expect((await client.readResponse()).body).toContain("GET /next HTTP/1.1");
  client.socket.destroy();
});

test("Trailer is not told where there is a length and so no place for trailers", async () => {
  here.backend.at("/sized", (_head, connection) =>
    connection.reply("hello", "Trailer: X-Sum\r\nCache-Control: no-store\r\n"),
  );
  const { head, body } = await exchange(here.gateway.http, "GET /sized HTTP/1.1\r\nHost: a\r\n\r\n");
  expect(body).toBe("hello");
  expect(fieldOf(head, "trailer")).toBeUndefined();
});

test("a compressed answer keeps its trailers", async () => {
  answer("/coded", "X-Sum: 42\r\n", "Content-Type: text/plain\r\n");
  const { head, trailers } = await exchange(
    here.gateway.http,
    "GET /coded HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n",
  );
  expect(fieldOf(head, "content-encoding")).toBe("gzip");
  expect(trailers.toLowerCase()).toBe("x-sum: 42\r\n");
});

import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { closedPort, type RawBackend, startReplyingBackend } from "./support/raw-backend.ts";
import { exchange, RawClient, type RawResponse } from "./support/raw-client.ts";
import { fieldOf } from "./support/raw-reader.ts";
import { type RoutedBackend, startRoutedBackend } from "./support/routed-backend.ts";
import { accessLine, settled, stage } from "./support/stage.ts";

const here = stage();

async function open(path: string, method = "GET", fields = ""): Promise<RawClient> {
  const client = await RawClient.open(here.gateway.http);
  client.send(`${method} ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`);
  return client;
}

async function ask(path: string, method = "GET", fields = ""): Promise<RawResponse> {
  const client = await open(path, method, fields);
  const response = await client.readResponse(method === "HEAD");
  client.socket.destroy();
  return response;
}

/** Says what is wrong with the backend, and the gateway's connections serve on. */
async function expectProblem(path: string, code: string, method = "GET"): Promise<void> {
  const client = await open(path, method, method === "POST" ? "Content-Length: 0\r\n" : "");
  const { status, head, body } = await client.readResponse();
  expect(status).toBe(502);
  expect(JSON.parse(body)).toMatchObject({ status: 502, code });
  expect(fieldOf(head, "proxy-status")).toMatch(/^headgate; error=\w+; next-hop="127\.0\.0\.1:\d+"$/);
  client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  expect((await client.readResponse()).body).toContain("GET /next HTTP/1.1");
  client.socket.destroy();
}

describe("an answer that breaks off within its body", () => {
  const FRAMINGS = {
    length: "Content-Length: 9\r\n\r\none",
    chunks: "Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n",
    "half a chunk": "Transfer-Encoding: chunked\r\n\r\n9\r\none",
  } as const;
  type Framing = keyof typeof FRAMINGS;
  const cases = (Object.keys(FRAMINGS) as Framing[]).flatMap((framing) =>
    ["no-store", "max-age=60"].flatMap((control) => [
      [framing, control, "ended"] as const,
      [framing, control, "reset"] as const,
    ]),
  );

  test.each(cases)("(%s, %s, %s) never ends like a whole one, and is not stored", async (framing, control, how) => {
    const path = `/body-${framing.replaceAll(" ", "-")}-${control}-${how}`;
    for (let time = 1; time <= 2; time++) {
      const turn = here.backend.turn(path);
      const client = await open(path);
      const { connection } = await turn;
      connection.send(`HTTP/1.1 200 OK\r\nCache-Control: ${control}\r\n${FRAMINGS[framing]}`);
      const head = await client.readHead();
      expect(fieldOf(head, "x-cache")).toBe("MISS");
      if (fieldOf(head, "transfer-encoding") === "chunked") expect(await client.readChunk()).toBe("one");
      else expect(await client.readBytes(3)).toBe("one");
      if (how === "ended") connection.socket.end();
      else connection.socket.resetAndDestroy();
      expect(await client.readToEnd()).not.toContain("0\r\n");
      await settled(here.gateway);
    }
    expect(here.backend.requestsTo(path)).toHaveLength(2);
    expect(await accessLine(here.gateway, path)).toMatchObject({ status: 200, outcome: "broken-off", attempts: 1 });
  });

  test.each(["gzip", "br", "zstd", "deflate"])(
    "and was to be compressed by %s does not end the coding",
    async (coding) => {
      const path = `/coded-${coding}`;
      const turn = here.backend.turn(path);
      const client = await open(path, "GET", `Accept-Encoding: ${coding}\r\n`);
      const { connection } = await turn;
      connection.send("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Type: text/plain\r\n");
      connection.send(`Transfer-Encoding: chunked\r\n\r\n1000\r\n${"x".repeat(4096)}\r\n`);
      expect(fieldOf(await client.readHead(), "content-encoding")).toBe(coding);
      expect(await client.readChunk()).not.toBe("");
      connection.socket.destroy();
      expect(await client.readToEnd()).not.toContain("\r\n0\r\n");
    },
  );

  test("breaks off for all clients that share it", async () => {
    const turn = here.backend.turn("/shared");
    const clients = [await open("/shared"), await open("/shared"), await open("/shared")];
    const { connection } = await turn;
    connection.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
    for (const client of clients) {
      await client.readHead();
      expect(await client.readChunk()).toBe("one");
    }
    connection.socket.destroy();
    for (const client of clients) expect(await client.readToEnd()).not.toContain("0\r\n");
    expect(here.backend.requestsTo("/shared")).toHaveLength(1);
  });
});

describe("an answer that is not HTTP is a 502, and is not asked for again", () => {
  test.each([
    ["nonsense", "nonsense\r\n\r\n"],
    ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n"],
    ["no status", "HTTP/1.1 OK\r\n\r\n"],
    ["a status that is no number", "HTTP/1.1 2xx OK\r\n\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"],
    ["length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello"],
    ["NUL in a value", "HTTP/1.1 200 OK\r\nX-Value: a\x00b\r\nContent-Length: 0\r\n\r\n"],
    ["a space before a colon", "HTTP/1.1 200 OK\r\nX-Name : a\r\nContent-Length: 0\r\n\r\n"],
    ["a bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"],
    ["a head without end", `HTTP/1.1 200 OK\r\nX-Large: ${"x".repeat(100_000)}\r\n`],
  ])("%s", async (what, bytes) => {
    const path = `/bad-${what.replaceAll(" ", "-")}`;
    here.backend.at(path, (_head, connection) => connection.send(bytes));
    await expectProblem(path, "upstream-bad-response");
    expect(here.backend.requestsTo(path)).toHaveLength(1);
  });
});

describe("bytes behind an answer", () => {
  test("never become the answer to the next request", async () => {
    const poison = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
    here.backend.at("/split", (_head, connection) => {
      connection.send(`HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 5\r\n\r\nhello${poison}`);
    });
    for (let i = 0; i < 20; i++) {
      const split = await ask("/split");
      if (split.status === 200) expect(split.body).toBe("hello");
      else expect(split.status).toBe(502);
      expect((await ask("/next")).body).toContain("GET /next HTTP/1.1");
    }
  });
});

describe("an answer that breaks off before its head", () => {
  test.each(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])(
    "is asked for again by %s, which is safe to repeat",
    async (method) => {
      const path = `/again-${method}`;
      here.backend.at(path, (_head, connection) => {
        if (here.backend.requestsTo(path).length < 3) connection.socket.destroy();
        else connection.reply("third", "Cache-Control: no-store\r\n");
      });
      const { status } = await ask(path, method);
      expect(status).toBe(200);
      expect(await accessLine(here.gateway, path)).toMatchObject({ status: 200, attempts: 3 });
    },
  );

  test.each(["ended", "reset"] as const)("(%s) is a 502 for a POST, which is never sent twice", async (how) => {
    const path = `/once-${how}`;
    here.backend.at(path, (_head, connection) => {
      if (how === "ended") connection.socket.end();
      else connection.socket.resetAndDestroy();
    });
    await expectProblem(path, "upstream-reset", "POST");
    expect(here.backend.requestsTo(path)).toHaveLength(1);
  });

  test("within the head is not asked for again", async () => {
    here.backend.at("/half-head", (_head, connection) => {
      connection.socket.end("HTTP/1.1 200 OK\r\nContent-");
    });
    await expectProblem("/half-head", "upstream-bad-response");
    expect(here.backend.requestsTo("/half-head")).toHaveLength(1);
  });
});

describe("of several backends", () => {
  let dead: number;
  let dying: RawBackend;
  let alive: RoutedBackend;
  let gateway: RunningGateway;

  beforeAll(async () => {
    dead = await closedPort();
    dying = await startReplyingBackend((_head, connection) => {
      connection.socket.destroy();
    });
    alive = await startRoutedBackend();
    gateway = await startGateway(testConfig([dead, dying.port, alive.port]));
  });

  afterAll(async () => {
    await settled(gateway).finally(() => gateway.stop());
    await Promise.all([dying.close(), alive.close()]);
  });

  test("the one that lives answers every GET, whichever it was sent to first", async () => {
    for (let i = 0; i < 6; i++) {
      const { status, head } = await exchange(gateway.http, `GET /get-${i} HTTP/1.1\r\nHost: a\r\n\r\n`);
      expect(status).toBe(200);
      expect(fieldOf(head, "x-backend-server")).toBe(`127.0.0.1:${alive.port}`);
      expect(alive.requestsTo(`/get-${i}`)).toHaveLength(1);
    }
    expect(dying.requests.length).toBeGreaterThan(0);
  });

  test("a POST goes on from one that takes no connection, and ends at one that has taken it", async () => {
    const statuses = new Set<number>();
    for (let i = 0; i < 6; i++) {
      const before = dying.requests.length;
      const path = `/post-${i}`;
      const { status } = await exchange(
        gateway.http,
        `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi`,
      );
      expect([status, dying.requests.length - before, alive.requestsTo(path).length]).toEqual(
        status === 200 ? [200, 0, 1] : [502, 1, 0],
      );
      statuses.add(status);
    }
    expect(statuses).toEqual(new Set([200, 502]));
  });
});

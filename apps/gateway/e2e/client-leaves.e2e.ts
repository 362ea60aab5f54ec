import { RawClient } from "./support/raw-client.ts";
import type { Turn } from "./support/routed-backend.ts";
import { accessLine, active, settled, stage } from "./support/stage.ts";

const here = stage();

/** Every way in which a client can leave. */
const WAYS = {
  closes: (client: RawClient) => client.socket.destroy(),
  resets: (client: RawClient) => client.socket.resetAndDestroy(),
  "ends its side": (client: RawClient) => client.socket.end(),
} as const;
type Way = keyof typeof WAYS;
const ways = Object.keys(WAYS) as Way[];

async function open(method: string, path: string, fields = "", body = ""): Promise<[RawClient, Turn]> {
  const turn = here.backend.turn(path);
  const client = await RawClient.open(here.gateway.http);
  client.send(`${method} ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n${body}`);
  return [client, await turn];
}

/** The backend sees its connection end, without another byte, and nothing stays in flight. */
async function expectFreed({ connection }: Turn): Promise<void> {
  expect(await connection.readToEnd()).toBe("");
  await settled(here.gateway);
}

describe.each(ways)("a client that %s", (way) => {
  test.each(["GET", "POST", "HEAD"])("before the head of a %s frees the backend", async (method) => {
    const path = `/before-${method}-${way.replaceAll(" ", "-")}`;
    const [client, turn] = await open(method, path);
    expect(await active(here.gateway)).toEqual([1]);
    WAYS[way](client);
    await expectFreed(turn);
    expect(await accessLine(here.gateway, path)).toMatchObject({ status: 499, outcome: "client-gone", attempts: 1 });
    client.socket.destroy();
  });

  test.each([
    ["passed on", "no-store", ""],
    ["stored", "max-age=60", ""],
    ["compressed", "no-store", "Accept-Encoding: gzip\r\n"],
    ["stored and compressed", "max-age=60", "Accept-Encoding: br\r\n"],
  ])("during a body that is %s frees the backend", async (what, control, fields) => {
    const path = `/during-${`${what}-${way}`.replaceAll(" ", "-")}`;
    const [client, turn] = await open("GET", path, fields);
    const { connection } = turn;
    connection.send(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: ${control}\r\n`);
    connection.send(`Transfer-Encoding: chunked\r\n\r\n1000\r\n${"x".repeat(4096)}\r\n`);
    await client.readHead();
    await client.readUntil("\r\n");
    WAYS[way](client);
    await expectFreed(turn);
    expect(await accessLine(here.gateway, path)).toMatchObject({ status: 200, outcome: "client-gone" });
    client.socket.destroy();
  });
});

test.each(["closes", "resets"] as const)(
  "a client that %s during an upload frees the backend, which gets no end of it",
  async (way) => {
    for (const framing of ["Transfer-Encoding: chunked", "Content-Length: 9999999"]) {
      const path = `/upload-${way}-${framing.length}`;
      const [client, { connection }] = await open("POST", path, `${framing}\r\n`, "3\r\none\r\n");
      await connection.readUntil("one");
      WAYS[way](client);
      expect(await connection.readToEnd()).not.toContain("0\r\n\r\n");
      await settled(here.gateway);
      // One that only closed could still read: it is told what was wrong.
      const told = way === "closes" ? { status: 400, problem: "incomplete-content" } : { outcome: "client-gone" };
      expect(await accessLine(here.gateway, path)).toMatchObject(told);
    }
  },
);

test("a client that leaves with requests still in its pipeline frees the backend, and they are not begun", async () => {
  const turn = here.backend.turn("/pipelined-1");
  const client = await RawClient.open(here.gateway.http);
  client.send("GET /pipelined-1 HTTP/1.1\r\nHost: a\r\n\r\nGET /pipelined-2 HTTP/1.1\r\nHost: a\r\n\r\n");
  const begun = await turn;
  client.socket.destroy();
  await expectFreed(begun);
  expect(here.backend.requestsTo("/pipelined-2")).toEqual([]);
});

describe("of two clients that share one answer", () => {
  async function openShared(path: string): Promise<[RawClient, RawClient, Turn]> {
    const [first, turn] = await open("GET", path);
    const second = await RawClient.open(here.gateway.http);
    second.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    turn.connection.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 9\r\n\r\none");
    for (const client of [first, second]) {
      await client.readHead();
      expect(await client.readBytes(3)).toBe("one");
    }
    return [first, second, turn];
  }

  test.each(["first", "second"] as const)("the %s may leave, and the other gets it all", async (who) => {
    const path = `/shared-${who}`;
    const [first, second, { connection, done }] = await openShared(path);
    const [leaving, staying] = who === "first" ? [first, second] : [second, first];
    leaving.socket.destroy();
    connection.send("two");
    expect(await staying.readBytes(3)).toBe("two");
    connection.send("end");
    expect(await staying.readBytes(3)).toBe("end");
    expect(here.backend.requestsTo(path)).toHaveLength(1);
    staying.socket.destroy();
    done();
  });

  test("both may leave, and the backend is freed", async () => {
    const [first, second, turn] = await openShared("/shared-none");
    first.socket.destroy();
    second.socket.destroy();
    await expectFreed(turn);
  });
});

import type { Http1Terms } from "../../src/downstream/http1/terms.ts";
import type { ReceivedRequest, RequestHandler } from "../../src/downstream/read-request.ts";
import type { Reply } from "../../src/downstream/reply.ts";
import { RecordingSink } from "./support/bodies.ts";
import { memoryServer, settle } from "./support/connections.ts";

/** A server whose connections go by a clock that the test turns, and whose one client reads. */
function serving(handle: RequestHandler["request"] = answer, terms: Partial<Http1Terms> = {}) {
  const clock = { now: 0 };
  const scene = memoryServer(handle, { ...terms, tick: () => clock.now });
  scene.client.read();
  const pass = async (ms: number): Promise<void> => {
    clock.now += ms;
    scene.server.check();
    await settle();
  };
  const send = async (text: string): Promise<void> => {
    scene.client.send(text);
    await settle();
  };
  return { ...scene, pass, send };
}

function answer({ head }: ReceivedRequest, reply: Reply): void {
  reply.whole({ status: 200, fields: [] }, Buffer.from(head.target), false, false);
}

/** Requests that wait for their answer. */
function holding(terms: Partial<Http1Terms> = {}) {
  const replies: Reply[] = [];
  const scene = serving((_received, reply) => void replies.push(reply), terms);
  const reply = (): Reply => {
    const first = replies.shift();
    if (first === undefined) throw new Error("no request waits");
    return first;
  };
  return { ...scene, replies, reply };
}

const GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
const code = (body: string): unknown => JSON.parse(body).code;
const statuses = (received: string): string[] =>
  Array.from(received.matchAll(/HTTP\/1\.1 (\d+) /g), ([, status = ""]) => status);

describe("bytes that are no request", () => {
  test.each<[string, string, number, string]>([
    ["not HTTP at all", "\x16\x03\x01\x02\r\n\r\n", 400, "malformed-request"],
    ["an unheard-of method", "FETCH / HTTP/1.1\r\n\r\n", 400, "malformed-request"],
    ["a space in a field's name", "GET / HTTP/1.1\r\nHo st: a\r\n\r\n", 400, "malformed-field"],
    ["too large a head", `GET / HTTP/1.1\r\nA: ${"a".repeat(3000)}\r\n\r\n`, 431, "fields-too-large"],
  ])("%s is refused as a problem, and the connection ends", async (_name, text, status, problem) => {
    const { client, near, send } = serving();
    await send(text);
    expect(client.head[0]).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect([code(client.body), client.ended]).toEqual([problem, true]);
    expect(client.head).toContain("Connection: close");
    client.end.end();
    await settle();
    expect(near.destroyed).toBe(true);
  });

  test("the refusal is a whole response of its own, and what still comes is dropped", async () => {
    const { client, send } = serving();
    await send("nonsense\r\n\r\n");
    await send(GET);
    expect(client.head).toEqual([
      "HTTP/1.1 400 Bad Request",
      "Content-Type: application/problem+json",
      `Content-Length: ${client.body.length}`,
      "Cache-Control: no-store",
      "Connection: close",
    ]);
  });

  test("a client that never closes its side is cut off after a second", async () => {
    const { near, send, pass } = serving();
    await send("nonsense\r\n\r\n");
    await pass(999);
    expect(near.destroyed).toBe(false);
    await pass(1);
    expect(near.destroyed).toBe(true);
  });

  test("they are refused behind the answer of the request before them, not instead of it", async () => {
    const { client, send, reply } = holding();
    await send(`${GET}nonsense\r\n\r\n`);
    expect(client.received).toBe("");
    reply().whole({ status: 200, fields: [] }, null, false, false);
    await settle();
    expect([statuses(client.received), client.ended]).toEqual([["200", "400"], true]);
  });
});

describe("content that is malformed", () => {
  const BROKEN = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";

  test("fails the one who reads it, whose answer ends the connection", async () => {
    const sink = new RecordingSink();
    const { client, send } = serving(({ content }, reply) => {
      content?.start({
        data: (chunk) => void sink.data(chunk),
        end: () => sink.end(null),
        gone: () => undefined,
        fail: (error) => {
          sink.fail(error);
          reply.whole({ status: error.status, fields: [] }, null, false, false);
        },
      });
    });
    await send(BROKEN + GET);
    expect(sink.failed).toMatchObject({ code: "malformed-request" });
    expect([statuses(client.received), client.head.at(-1), client.ended]).toEqual([["400"], "Connection: close", true]);
  });

  test("that nobody reads ends nothing before the answer, and the connection with it", async () => {
    const { client, send, reply } = holding();
    await send(BROKEN + GET);
    expect(client.ended).toBe(false);
    reply().whole({ status: 401, fields: [] }, null, false, false);
    await settle();
    expect([statuses(client.received), client.ended]).toEqual([["401"], true]);
  });
});

describe("a client's time", () => {
  test.each([["", "GET / HT"]])("for a head is over after %p: it is told so", async (sent) => {
    const { client, send, pass } = serving(answer, { headTimeout: 1000 });
    await send(sent);
    await pass(999);
    expect(client.received).toBe("");
    await pass(1);
    expect([client.head[0], code(client.body)]).toEqual(["HTTP/1.1 408 Request Timeout", "request-timeout"]);
  });

  test("for a head is not made longer by each of its bytes", async () => {
    const { client, send, pass } = serving(answer, { headTimeout: 1000 });
    for (const part of ["GET / HTTP/1.1\r\n", "Host: a\r\n", "X: y\r\n"]) {
      await pass(400);
      await send(part);
    }
    expect(statuses(client.received)).toEqual(["408"]);
  });

  test("between two requests is over without a word", async () => {
    const { client, near, send, pass } = serving(answer, { idleTimeout: 5000 });
    await send(GET);
    await pass(4999);
    expect(near.destroyed).toBe(false);
    await send(GET);
    await pass(4999);
    expect(near.destroyed).toBe(false);
    await pass(1);
    expect([near.destroyed, statuses(client.received)]).toEqual([true, ["200", "200"]]);
  });

  test("for the next head begins with its first byte", async () => {
    const { client, send, pass } = serving(answer, { idleTimeout: 5000, headTimeout: 1000 });
    await send(GET);
    await pass(4000);
    await send("GET ");
    await pass(999);
    expect(statuses(client.received)).toEqual(["200"]);
    await pass(1);
    expect(statuses(client.received)).toEqual(["200", "408"]);
  });

  test("is not counted while its answer is ours to give", async () => {
    const { near, send, pass, reply, client } = holding({ idleTimeout: 1000, headTimeout: 1000 });
    await send(GET);
    await pass(1_000_000);
    expect(near.destroyed).toBe(false);
    reply().whole({ status: 200, fields: [] }, null, false, false);
    await settle();
    expect(statuses(client.received)).toEqual(["200"]);
  });

  test("for content that is not wanted is that of an idle connection", async () => {
    const { near, send, pass } = serving(answer, { idleTimeout: 1000 });
    await send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
    await pass(1000);
    expect(near.destroyed).toBe(true);
  });
});

describe("requests ahead of the answer", () => {
  test("are answered one after the other, each when the one before is", async () => {
    const { client, send, reply, replies } = holding();
    await send(GET + GET.replace("/a", "/b"));
    expect(replies).toHaveLength(1);
    reply().whole({ status: 200, fields: [] }, Buffer.from("first"), false, false);
    await settle();
    reply().whole({ status: 200, fields: [] }, Buffer.from("second"), false, false);
    await settle();
    expect(client.received.indexOf("first")).toBeLessThan(client.received.indexOf("second"));
  });

  test("are held up to a bound, then the client is paused until there is room", async () => {
    const { client, near, send, reply, replies } = holding();
    const many = Math.ceil((64 * 1024) / GET.length) + 1;
    await send(GET + GET.repeat(many));
    expect(near.isPaused()).toBe(true);
    for (let i = 0; i <= many; i++) {
      reply().whole({ status: 200, fields: [] }, null, false, false);
      await settle(3);
    }
    expect([near.isPaused(), replies.length, statuses(client.received).length]).toEqual([false, 0, many + 1]);
  });

  test("empty lines between them are let pass", async () => {
    const { client, send } = serving();
    await send(`\r\n\r\n${GET}\r\n`);
    await send(`\r\n${GET}`);
    expect(statuses(client.received)).toEqual(["200", "200"]);
  });
});

describe("a client that leaves", () => {
  test("while it waits for its answer has it let go", async () => {
    const closed: string[] = [];
    const { client, near, send } = serving((_received, reply) => {
      reply.listen({ closed: () => void closed.push("closed"), drained: () => undefined, stalled: () => undefined });
    });
    await send(GET);
    client.end.end();
    await settle();
    expect([near.destroyed, closed]).toEqual([true, ["closed"]]);
  });

  test("between requests, or with its last one, gets what it asked for and an end", async () => {
    const { client, near } = serving();
    client.send(GET);
    client.end.end();
    await settle();
    expect([statuses(client.received), client.ended, near.destroyed]).toEqual([["200"], true, true]);
  });

  test("within a head is told that it was none", async () => {
    const { client, send } = serving();
    await send("GET / HTTP/1.1\r\nHost");
    client.end.end();
    await settle();
    expect([statuses(client.received), code(client.body)]).toEqual([["400"], "incomplete-content"]);
  });
});

test("closing what is idle leaves those alone that wait for an answer, which ends them", async () => {
  const { client, server, send, reply } = holding();
  server.closeIdle();
  await settle();
  expect(client.ended).toBe(true);
  const busy = holding();
  await busy.send(GET);
  busy.server.closeIdle();
  await settle();
  expect(busy.client.ended).toBe(false);
  busy.reply().whole({ status: 200, fields: [] }, null, false, true);
  await settle();
  expect([statuses(busy.client.received), busy.client.ended]).toEqual([["200"], true]);
  await send(GET);
  expect(() => reply()).toThrow("no request waits");
});

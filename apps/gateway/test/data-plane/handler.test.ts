import { type Duplex, duplexPair, PassThrough } from "node:stream";
import { isSource } from "../../src/body.ts";
import type { Ring } from "../../src/compose.ts";
import { Handler } from "../../src/downstream/handler.ts";
import { Tunnels } from "../../src/downstream/tunnel.ts";
import type { Exchange } from "../../src/exchange.ts";
import { ClientGone } from "../../src/gateway-error.ts";
import type { GatewayResponse } from "../../src/gateway-response.ts";
import { RecordingSink, ScriptedSource } from "./support/bodies.ts";
import { type MemoryClient, memoryServer, settle } from "./support/connections.ts";
import { aGeneration, aResponse } from "./support/exchanges.ts";
import { TestClock } from "./support/upstream.ts";
import { virtualTimers } from "./support/virtual-timers.ts";

virtualTimers();

/** A handler behind a server that listens nowhere, with one connection in memory; what the layers answer is the test's. */
class Scene {
  readonly exchanges: Exchange[] = [];
  readonly finished: Exchange[] = [];
  readonly tunnels = new Tunnels();
  readonly bugs: string[] = [];
  readonly client: MemoryClient;
  readonly near: Duplex;
  closing = false;

  constructor(answer: (exchange: Exchange) => GatewayResponse | Promise<GatewayResponse>) {
    const ring: Ring = {
      run: (exchange) => {
        this.exchanges.push(exchange);
        return answer(exchange);
      },
      finish: (exchange) => this.finished.push(exchange),
    };
    const generation = aGeneration();
    const handler = new Handler({
      ring,
      generation: () => generation,
      clock: new TestClock(),
      closing: () => this.closing,
      tunnels: this.tunnels,
      reporter: { bug: (_error, { where }) => void this.bugs.push(where) },
    });
    const { near, client } = memoryServer((received, reply) => handler.request(received, reply));
    this.near = near;
    this.client = client.read();
  }

  async send(text: string): Promise<this> {
    this.client.send(text);
    await settle();
    return this;
  }

  get exchange(): Exchange {
    const [exchange] = this.exchanges;
    if (exchange === undefined) throw new Error("no request has come");
    return exchange;
  }

  /** Statuses of the responses so far. */
  get statuses(): string[] {
    return Array.from(this.client.received.matchAll(/HTTP\/1\.1 (\d+)/g), ([, status = ""]) => status);
  }
}

const GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
const text = (words: string): GatewayResponse => aResponse({ body: Buffer.from(words) });

describe("a request", () => {
  test.each<[string, () => GatewayResponse | Promise<GatewayResponse>]>([
    ["at once", () => text("abc")],
    ["later", () => Promise.resolve(text("abc"))],
  ])("that is answered %s is finished once, with what was sent", async (_name, answer) => {
    const scene = await new Scene(answer).send(GET);
    expect([scene.client.body, scene.finished.length]).toEqual(["abc", 1]);
    expect(scene.exchange.record).toMatchObject({ method: "GET", outcome: "complete", sentBytes: 3 });
    expect(scene.exchange.cancellation.cancelled).toBe(false);
  });

  test.each<[string, () => GatewayResponse | Promise<GatewayResponse>]>([
    ["cannot be written", () => aResponse({ fields: ["X-Bad", "a\nb"], body: Buffer.from("abc") })],
    // Of a character beyond one octet the low one would be sent: here LF.
    ["would end a line within", () => aResponse({ fields: ["X-Bad", "a\u010ab"], body: Buffer.from("abc") })],
    ["has a field whose name is none", () => aResponse({ fields: ["X-Bad: 1\u010dX", "b"], body: Buffer.from("abc") })],
    ["cannot be written later", () => Promise.resolve(aResponse({ fields: ["X-Bad", "a\nb"] }))],
    ["is an error that no layer has rescued", () => Promise.reject(new Error("bug"))],
    [
      "is an error at once",
      () => {
        throw new Error("bug");
      },
    ],
  ])("whose answer %s is told as a bug and costs its connection alone", async (_name, answer) => {
    const scene = await new Scene(answer).send(GET);
    expect(scene.bugs).toEqual(["writing a response"]);
    expect([scene.client.received, scene.near.destroyed, scene.finished.length]).toEqual(["", true, 1]);
  });

  test("of HEAD gets no body", async () => {
    const scene = await new Scene(() => text("abc")).send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(scene.client.body).toBe("");
  });

  test("whose client leaves is cancelled, then finished, and its late answer let go", async () => {
    const answer = Promise.withResolvers<GatewayResponse>();
    const scene = await new Scene(() => answer.promise).send(GET);
    scene.near.destroy();
    await settle();
    expect(scene.exchange.cancellation.reason).toBeInstanceOf(ClientGone);
    expect([scene.finished.length, scene.exchange.record.outcome]).toEqual([1, "client-gone"]);
    const body = new ScriptedSource();
    answer.resolve(aResponse({ body }));
    await settle();
    expect([body.cancelled, scene.finished.length]).toEqual([expect.any(ClientGone), 1]);
  });

  test("whose body breaks off upstream ends its connection and its exchange", async () => {
    const body = new ScriptedSource();
    const scene = await new Scene(() => aResponse({ body })).send(GET);
    body.push("abc");
    body.fail(new Error("broken off"));
    await settle();
    expect([scene.near.destroyed, scene.exchange.record.outcome]).toEqual([true, "broken-off"]);
    expect(scene.exchange.cancellation.cancelled).toBe(true);
  });

  test("hears interim responses, but not over HTTP/1.0", async () => {
    for (const [version, heard] of [
      ["1.1", true],
      ["1.0", false],
    ] as const) {
      const scene = new Scene((exchange) => {
        exchange.interim.informational(103, ["Link", "</a>"]);
        return text("abc");
      });
      await scene.send(`GET / HTTP/${version}\r\nHost: a\r\n\r\n`);
      expect(scene.statuses.includes("103")).toBe(heard);
    }
  });
});

describe("the connection", () => {
  test("serves one request after the other", async () => {
    const scene = await new Scene(({ head }) => text(head.target)).send(GET + GET.replace("/a", "/b"));
    expect([scene.statuses, scene.finished.length, scene.client.ended]).toEqual([["200", "200"], 2, false]);
  });

  test("ends with the response when the gateway stops, and nothing behind that is served", async () => {
    const scene = new Scene(() => text("abc"));
    scene.closing = true;
    await scene.send(GET + GET);
    expect([scene.statuses, scene.exchanges.length, scene.client.ended]).toEqual([["200"], 1, true]);
    expect(scene.client.received).toContain("Connection: close\r\n");
  });

  test("ends with the refusal of a request whose end is not known", async () => {
    const both = "POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 0\r\n\r\n";
    const scene = await new Scene(() => aResponse({ status: 400 })).send(both + GET);
    expect([scene.statuses, scene.exchanges.length, scene.client.ended]).toEqual([["400"], 1, true]);
  });

  const POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n";

  test.each<[string, (exchange: Exchange) => void]>([
    ["that nobody has read", () => undefined],
    [
      "of which the rest is not wanted any more",
      ({ body }) => {
        const sink = new RecordingSink();
        sink.open = false;
        body?.pipe(sink);
      },
    ],
  ])("goes on to the next request behind content %s", async (_name, read) => {
    const scene = new Scene(async (exchange) => {
      if (exchange.head.method === "POST") read(exchange);
      await settle(2);
      return text("early");
    });
    await scene.send(POST);
    await scene.send("x".repeat(200_000) + GET);
    await settle();
    expect([scene.statuses, scene.finished.length]).toEqual([["200", "200"], 2]);
  });

  test("invites content only once somebody wants it", async () => {
    const wanted = Promise.withResolvers<void>();
    const sink = new RecordingSink();
    const scene = new Scene(async ({ body }) => {
      await wanted.promise;
      body?.pipe(sink);
      await sink.whenOver();
      return text(sink.text);
    });
    await scene.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    expect(scene.client.received).toBe("");
    wanted.resolve();
    await settle();
    expect(scene.statuses).toEqual(["100"]);
    await scene.send("abc");
    expect([scene.statuses, scene.client.received.endsWith("\r\n\r\nabc")]).toEqual([["100", "200"], true]);
  });

  test("ends where content was announced and not invited: it may come or not", async () => {
    const scene = await new Scene(() => aResponse({ status: 401 })).send(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
    );
    expect([scene.statuses, scene.client.ended]).toEqual([["401"], true]);
  });
});

describe("an upgrade", () => {
  const UPGRADE = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

  test("joins the client and the backend, and is finished when they part", async () => {
    const [tunnel, backend] = duplexPair();
    const scene = await new Scene(() => aResponse({ status: 101, tunnel })).send(UPGRADE);
    expect([scene.exchange.upgrade, scene.exchange.body, scene.statuses]).toEqual(["websocket", null, ["101"]]);
    backend.write("from the backend");
    await settle();
    expect(scene.client.body).toBe("from the backend");
    expect([scene.tunnels.size, scene.finished.length]).toEqual([1, 0]);
    scene.near.destroy();
    await settle();
    expect([scene.tunnels.size, scene.finished.length, tunnel.destroyed]).toEqual([0, 1, true]);
  });

  test("that is refused gets a response like any other, and the connection ends", async () => {
    const scene = await new Scene(() => aResponse({ status: 401, body: Buffer.from("no") })).send(UPGRADE);
    expect([scene.statuses, scene.client.body, scene.client.ended]).toEqual([["401"], "no", true]);
    expect(scene.finished.length).toBe(1);
  });

  test("that is refused by a body which still comes gets all of it", async () => {
    const body = new ScriptedSource();
    const scene = await new Scene(() => aResponse({ status: 500, body })).send(UPGRADE);
    body.push("oh no");
    body.end();
    await settle();
    expect([scene.client.body, scene.client.ended]).toEqual(["5\r\noh no\r\n0\r\n\r\n", true]);
  });

  test("whose connection breaks while it waits is cancelled, and brings nothing down", async () => {
    const answer = Promise.withResolvers<GatewayResponse>();
    const scene = await new Scene(() => answer.promise).send(UPGRADE);
    scene.near.destroy(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
    await settle();
    expect(scene.exchange.cancellation.reason).toBeInstanceOf(ClientGone);
    const tunnel = new PassThrough();
    answer.resolve(aResponse({ status: 101, tunnel }));
    await settle();
    expect([tunnel.destroyed, scene.tunnels.size, scene.finished.length]).toEqual([true, 0, 1]);
  });
});

test("a body handed to the layers has the bounds of the config", async () => {
  const scene = await new Scene(() => text("abc")).send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  const { body } = scene.exchange;
  expect([body?.length, body !== null && isSource(body)]).toEqual([3, true]);
});

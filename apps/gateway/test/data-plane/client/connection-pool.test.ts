import type { PoolOptions } from "../../../src/upstream/client/connection-pool.ts";
import { settle } from "../support/connections.ts";
import { reportedBugs } from "../support/reported-bugs.ts";
import { virtualTimers } from "../support/virtual-timers.ts";
import { ClientScene, type NotedExchange } from "./support/client-scene.ts";

const scenes: ClientScene[] = [];
afterEach(async () => {
  for (const { pool } of scenes.splice(0)) await pool.destroy();
});
const virtual = virtualTimers();

function open(changes: Partial<PoolOptions> = {}): ClientScene {
  const scene = new ClientScene(changes);
  scenes.push(scene);
  return scene;
}

const gone = new Error("gone");

describe("a connection", () => {
  test("carries one exchange after the other", async () => {
    const scene = open();
    const first = await scene.ask({ path: "/1" });
    expect(scene.at(0).received).toBe("GET /1 HTTP/1.1\r\nHost: a\r\nconnection: keep-alive\r\n\r\n");
    scene.at(0).reply("one");
    await settle();
    expect([first.told, first.body]).toEqual([["sent", "begun", "200", "end"], "one"]);
    await scene.pass(0);
    expect([scene.opened.length, scene.at(0).requests]).toEqual([1, 2]);
  });

  test("that was used last is used first", async () => {
    const scene = open();
    const both = [await scene.ask(), await scene.ask()];
    scene.at(1).reply();
    await settle();
    scene.at(0).reply();
    await settle();
    expect(both.map(({ outcome }) => outcome)).toEqual(["end", "end"]);
    await scene.pass(0);
    expect([scene.opened.length, scene.at(0).requests, scene.at(1).requests]).toEqual([2, 2, 1]);
  });

  test.each<[string, (scene: ClientScene) => void]>([
    ["gets bytes that nobody asked for", (scene) => scene.at(0).reply("poison")],
    ["ends", (scene) => scene.at(0).far.end()],
    ["is reset", (scene) => scene.at(0).reset()],
  ])("that %s while it is idle is closed", async (_what, act) => {
    const scene = open();
    await scene.pass(0);
    act(scene);
    await settle();
    expect(scene.at(0).closed).toBe(true);
    await scene.pass(1);
  });

  test.each<[string, string]>([
    [
      "bytes behind its response",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb",
    ],
    ["Connection: close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na"],
    ["HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na"],
    ["a second and less to live", "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 1\r\n\r\na"],
  ])("with %s carries no other", async (_what, bytes) => {
    const scene = open();
    const first = await scene.ask();
    scene.at(0).send(bytes);
    await settle();
    expect([first.outcome, first.body, scene.at(0).closed]).toEqual(["end", "a", true]);
    await scene.pass(1);
  });

  test("that ends in the turn in which it was freed is not given to those who wait for it", async () => {
    const scene = open({ connections: 1 });
    await scene.ask();
    const waiting = await scene.ask({ method: "POST" });
    scene.at(0).reply();
    scene.at(0).far.end();
    await settle();
    expect([scene.at(0).requests, scene.opened.length]).toEqual([1, 2]);
    scene.at(1).reply();
    await settle();
    expect(waiting.outcome).toBe("end");
  });

  test("that was kept and breaks without a byte of response takes the other idle ones with it", async () => {
    const scene = open();
    const three = [await scene.ask(), await scene.ask(), await scene.ask()];
    for (const index of [0, 1, 2]) scene.at(index).reply();
    await settle();
    expect(three.map(({ outcome }) => outcome)).toEqual(["end", "end", "end"]);
    const exchange = await scene.ask();
    scene.at(2).reset();
    await settle();
    expect([exchange.outcome, scene.at(0).closed, scene.at(1).closed]).toEqual(["ECONNRESET", true, true]);
    await scene.pass(3);
  });

  test("of which the response is cut short fails the exchange", async () => {
    const scene = open();
    const [early, late, chunked] = [await scene.ask(), await scene.ask(), await scene.ask()];
    scene.at(0).far.end();
    scene.at(1).far.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    scene.at(2).far.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
    await settle();
    expect([early, late, chunked].map(({ outcome }) => outcome)).toEqual(Array(3).fill("UPSTREAM_ENDED"));
    expect(late.body).toBe("abc");
  });

  test("whose end is the end of the body ends the exchange, unless it is a reset", async () => {
    const scene = open();
    const [ended, reset] = [await scene.ask(), await scene.ask()];
    scene.at(0).far.end("HTTP/1.1 200 OK\r\n\r\nabc");
    scene.at(1).send("HTTP/1.1 200 OK\r\n\r\nabc");
    await settle();
    scene.at(1).reset();
    await settle();
    expect([ended.outcome, ended.body, reset.outcome]).toEqual(["end", "abc", "ECONNRESET"]);
  });

  test("that is upgraded belongs to the exchange, with what came behind the head", async () => {
    const scene = open({ connections: 1 });
    const exchange = await scene.ask({ upgrade: "websocket" });
    scene.at(0).send("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\nahead");
    await settle();
    expect(exchange.outcome).toBe("upgrade 101");
    const { socket } = exchange;
    if (socket === null) throw new Error("expected a connection");
    let got = "";
    socket.on("data", (chunk: Buffer) => {
      got += chunk.toString();
    });
    socket.resume();
    scene.at(0).send(", and more");
    socket.write("back");
    await settle();
    expect([got, scene.at(0).received.endsWith("\r\n\r\nback")]).toEqual(["ahead, and more", true]);
    // It no longer counts.
    await scene.pass(1);
    socket.destroy();
  });

  test("whose upgrade is refused carries no other", async () => {
    const scene = open();
    const exchange = await scene.ask({ upgrade: "websocket" });
    scene.at(0).reply("no");
    await settle();
    expect([exchange.outcome, exchange.body, scene.at(0).closed]).toEqual(["end", "no", true]);
  });
});

describe("an exchange", () => {
  test("waits for its turn where no more connections may be made, in the order of coming", async () => {
    const scene = open({ connections: 1 });
    const exchanges = [];
    for (const path of ["/1", "/2", "/3"]) exchanges.push(scene.dispatch({ path }));
    for (const exchange of exchanges) {
      await settle();
      expect(scene.at(0).received).toContain(`GET ${exchange.request.path} HTTP`);
      scene.at(0).reply(exchange.request.path);
      await settle();
      expect(exchange.body).toBe(exchange.request.path);
    }
    expect(scene.opened.length).toBe(1);
  });

  test("that is given up while it waits leaves its turn to the next", async () => {
    const scene = open({ connections: 1 });
    await scene.ask();
    const [second, third] = [await scene.ask(), await scene.ask({ path: "/3" })];
    second.queue?.abort(gone);
    expect(second.error).toBe(gone);
    scene.at(0).reply();
    await settle();
    expect([scene.at(0).requests, third.told]).toEqual([2, ["sent"]]);
  });

  test("that is given up while its connection is made closes that, and the next gets one", async () => {
    const scene = open({ connections: 1 });
    scene.connects = false;
    const first = await scene.ask();
    const second = await scene.ask();
    scene.connects = true;
    first.queue?.abort(gone);
    await settle();
    expect([first.error, scene.at(0).closed, second.told]).toEqual([gone, true, ["sent"]]);
  });

  test("that is over before its turn begins is not sent", async () => {
    const scene = open();
    const exchange = scene.dispatch();
    exchange.over = true;
    await settle();
    expect(scene.opened.length).toBe(0);
  });

  test("that is given up within its body closes the connection", async () => {
    const scene = open();
    const exchange = await scene.ask();
    scene.at(0).send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    await settle();
    exchange.control?.abort(gone);
    expect([exchange.error, exchange.body]).toEqual([gone, "abc"]);
    await settle();
    expect(scene.at(0).closed).toBe(true);
  });

  test("that cannot be sent is refused, and its connection serves the next", async () => {
    const scene = open();
    const exchange = await scene.ask({ path: "/ HTTP/1.1\r\nX: y" });
    expect([exchange.told, scene.at(0).received]).toEqual([["UPSTREAM_UNSENDABLE"], ""]);
    await scene.pass(0);
  });

  test("pauses and resumes its response", async () => {
    const scene = open();
    const exchange = await scene.ask();
    scene.at(0).send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
    await settle();
    exchange.control?.pause();
    scene.at(0).send("def");
    await settle();
    expect(exchange.body).toBe("abc");
    exchange.control?.resume();
    await settle();
    expect([exchange.body, exchange.outcome]).toEqual(["abcdef", "end"]);
  });

  test("whose listener has a bug is ended by it, and by nothing else", async () => {
    const scene = open();
    const bug = new Error("a bug");
    const exchange = await scene.ask();
    exchange.onHead = () => {
      throw bug;
    };
    scene.at(0).reply();
    await settle();
    expect([exchange.error, scene.at(0).closed]).toEqual([bug, true]);
    const opening = await scene.ask({
      ...{ method: "POST" },
      body: {
        length: 1,
        open: () => {
          throw bug;
        },
      },
    });
    expect(opening.error).toBe(bug);
    await scene.pass(2);
  });

  test("whose listener has a bug before it is sent leaves those of its turn their connections", async () => {
    const scene = open();
    const before = [await scene.ask(), await scene.ask()];
    for (const index of [0, 1]) scene.at(index).reply();
    await settle();
    expect(before.map(({ outcome }) => outcome)).toEqual(["end", "end"]);
    const bug = new Error("a bug");
    let other: NotedExchange | null = null;
    const bugs = await reportedBugs(async () => {
      scene.dispatch().onSent = () => {
        throw bug;
      };
      other = await scene.ask();
    });
    expect([bugs, other]).toMatchObject([[bug], { told: ["sent"] }]);
  });

  test("whose connection fails is told why", async () => {
    const scene = open();
    scene.connects = false;
    const exchange = await scene.ask();
    scene.at(0).reset();
    await settle();
    expect(exchange.told).toEqual(["ECONNRESET"]);
  });
});

describe("time", () => {
  test("for a connection is bounded", async () => {
    const scene = open();
    scene.connects = false;
    const exchange = await scene.ask();
    await virtual.time.advanceAsync(2000);
    expect(exchange.outcome).toBeUndefined();
    await virtual.time.advanceAsync(300);
    expect(exchange.outcome).toBe("UPSTREAM_CONNECT_TIMEOUT");
  });

  test("before a head is bounded, and begins anew with what comes", async () => {
    const scene = open();
    const exchange = await scene.ask();
    await virtual.time.advanceAsync(2000);
    scene.at(0).send("HTTP/1.1 103 Early\r\n\r\n");
    await settle();
    await virtual.time.advanceAsync(2900);
    expect(exchange.outcome).toBeUndefined();
    await virtual.time.advanceAsync(500);
    expect(exchange.outcome).toBe("UPSTREAM_HEAD_TIMEOUT");
  });

  test("within a body is bounded, but not while it is paused", async () => {
    const scene = open();
    const exchange = await scene.ask();
    scene.at(0).send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
    await settle();
    exchange.control?.pause();
    await virtual.time.advanceAsync(20_000);
    exchange.control?.resume();
    await virtual.time.advanceAsync(4000);
    expect(exchange.outcome).toBeUndefined();
    await virtual.time.advanceAsync(500);
    expect(exchange.outcome).toBe("UPSTREAM_BODY_TIMEOUT");
  });

  test.each([
    ["", 5000],
    ["Keep-Alive: timeout=3\r\n", 2000],
    ["Keep-Alive: timeout=30\r\n", 5000],
  ])("of an idle connection is bounded (%j)", async (fields, time) => {
    const scene = open();
    await scene.pass(0, fields);
    await virtual.time.advanceAsync(time - 300);
    await settle();
    expect(scene.at(0).closed).toBe(false);
    await virtual.time.advanceAsync(300);
    await settle();
    expect(scene.at(0).closed).toBe(true);
  });

  test("is not watched where there is no connection", async () => {
    const scene = open();
    await scene.pass(0);
    await virtual.time.advanceAsync(6000);
    await settle();
    expect(virtual.time.pending).toBe(0);
    await scene.pass(1);
  });
});

describe("closing", () => {
  test("lets what runs and what waits come to its end, and takes nothing new", async () => {
    const scene = open({ connections: 1 });
    const running = await scene.ask();
    const waiting = await scene.ask();
    let closed = false;
    void scene.pool.close().then(() => {
      closed = true;
    });
    expect(scene.dispatch().told).toEqual(["UPSTREAM_CLOSED"]);
    for (const _ of [running, waiting]) {
      await settle();
      expect(closed).toBe(false);
      scene.at(0).reply();
    }
    await settle();
    expect([running.outcome, waiting.outcome, closed, scene.at(0).closed]).toEqual(["end", "end", true, true]);
  });

  test("closes idle connections at once, and again does nothing", async () => {
    const scene = open();
    await scene.pass(0);
    await scene.pool.close();
    expect(scene.at(0).closed).toBe(true);
    await scene.pool.close();
    await scene.pool.destroy();
  });

  test("by force breaks off what runs and what waits", async () => {
    const scene = open({ connections: 1 });
    const running = await scene.ask();
    const waiting = await scene.ask();
    const asked = scene.dispatch();
    const destroyed = scene.pool.destroy();
    expect([running, waiting, asked].map(({ outcome }) => outcome)).toEqual(Array(3).fill("UPSTREAM_DESTROYED"));
    await destroyed;
    expect(scene.at(0).closed).toBe(true);
    expect(scene.dispatch().told).toEqual(["UPSTREAM_DESTROYED"]);
  });
});

import type { PoolOptions } from "../../../src/upstream/client/connection-pool.ts";
import { EagerSource, ScriptedSource } from "../support/bodies.ts";
import { settle } from "../support/connections.ts";
import { virtualTimers } from "../support/virtual-timers.ts";
import { ClientScene } from "./support/client-scene.ts";

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

/** A POST whose body a test drives. */
async function upload(scene: ClientScene, length: number | null) {
  const source = new ScriptedSource();
  const exchange = await scene.ask({ method: "POST", body: { length, open: () => source } });
  return { source, exchange };
}

function content({ received }: { received: string }): string {
  return received.slice(received.indexOf("\r\n\r\n") + 4);
}

test.each([3, 40_000])("whole bytes go out behind the head (%s)", async (size) => {
  const scene = open();
  const bytes = Buffer.alloc(size, "x");
  const exchange = await scene.ask({ method: "PUT", body: { length: size, open: () => bytes } });
  expect(scene.at(0).received).toContain(`\r\ncontent-length: ${size}\r\n\r\n`);
  expect(content(scene.at(0))).toBe("x".repeat(size));
  scene.at(0).reply();
  await settle();
  expect(exchange.outcome).toBe("end");
});

test("bytes that were not all taken when the answer came end the connection with it", async () => {
  const scene = open();
  scene.reads = false;
  const bytes = Buffer.alloc(1_000_000, "x");
  const exchange = await scene.ask({ method: "PUT", body: { length: bytes.length, open: () => bytes } });
  scene.at(0).reply("enough");
  await settle();
  expect([exchange.outcome, exchange.body, scene.at(0).closed]).toEqual(["end", "enough", true]);
});

test("no bytes are no content", async () => {
  const scene = open();
  await scene.ask({ method: "POST", body: { length: 0, open: () => Buffer.alloc(0) } });
  expect(scene.at(0).received).toMatch(/content-length: 0\r\n\r\n$/);
});

test("a stream without a length goes out in chunks, an empty one never among them", async () => {
  const scene = open();
  const { source, exchange } = await upload(scene, null);
  source.push("abc");
  source.push("");
  source.push("0123456789");
  source.end(["X-Trailer", "is dropped"]);
  await settle();
  expect(content(scene.at(0))).toBe("3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n");
  scene.at(0).reply();
  await settle();
  expect(exchange.outcome).toBe("end");
  await scene.pass(0);
});

test("a stream that is here already goes out with the head", async () => {
  const scene = open();
  const source = new EagerSource("ab", "cd");
  await scene.ask({ method: "POST", body: { length: 4, open: () => source } });
  expect(content(scene.at(0))).toBe("abcd");
});

test("a stream waits for a backend that takes no more, and goes on when it does", async () => {
  const scene = open();
  scene.reads = false;
  const { source } = await upload(scene, 1_000_000);
  let sent = 0;
  while (source.push(Buffer.alloc(10_000, "x"))) sent += 10_000;
  expect(sent).toBeLessThan(500_000);
  const { resumed } = source;
  scene.at(0).read();
  await settle();
  expect(source.resumed).toBe(resumed + 1);
});

test.each<[string, (source: ScriptedSource) => void]>([
  ["more", (source) => source.push("abcdef")],
  [
    "more in the end",
    (source) => {
      source.push("abc");
      source.push("abc");
    },
  ],
  [
    "less",
    (source) => {
      source.push("abc");
      source.end();
    },
  ],
])("a stream with %s than was told is broken off, and nothing too much is sent", async (_what, act) => {
  const scene = open();
  const { source, exchange } = await upload(scene, 5);
  act(source);
  await settle();
  expect(exchange.outcome).toBe("UPSTREAM_BODY_LENGTH");
  expect([content(scene.at(0)).length <= 5, scene.at(0).closed]).toEqual([true, true]);
});

test("a stream that breaks off breaks the exchange off with its error", async () => {
  const scene = open();
  const { source, exchange } = await upload(scene, null);
  const broken = new Error("broken off");
  source.push("abc");
  source.fail(broken);
  expect(exchange.error).toBe(broken);
  await settle();
  expect([scene.at(0).closed, content(scene.at(0)).endsWith("0\r\n\r\n")]).toEqual([true, false]);
});

test("an answer that comes before the end of the upload is given, and ends both", async () => {
  const scene = open();
  const { source, exchange } = await upload(scene, null);
  source.push("abc");
  scene.at(0).reply("enough");
  await settle();
  expect([exchange.outcome, exchange.body, scene.at(0).closed]).toEqual(["end", "enough", true]);
  expect(source.cancelled).not.toBeNull();
});

test("an answer that comes while the upload goes on waits for neither", async () => {
  const scene = open();
  const { source, exchange } = await upload(scene, null);
  scene.at(0).send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n");
  await settle();
  source.push("abc");
  await settle();
  expect([exchange.body, content(scene.at(0))]).toEqual(["ab", "3\r\nabc\r\n"]);
  source.end();
  await settle();
  scene.at(0).send("0\r\n\r\n");
  await settle();
  expect(exchange.outcome).toBe("end");
  await scene.pass(0);
});

test("an answer that is here when more of the upload comes is read before that is written", async () => {
  const scene = open();
  const { source, exchange } = await upload(scene, null);
  scene.at(0).reply("enough");
  source.push("abc");
  await settle();
  expect([exchange.body, content(scene.at(0))]).toEqual(["enough", ""]);
});

test("a stream is let go when the exchange is given up", async () => {
  const scene = open();
  const { source, exchange } = await upload(scene, null);
  exchange.control?.abort(new Error("gone"));
  expect(source.cancelled?.message).toBe("gone");
});

test("a body is opened only once it can be sent", async () => {
  const scene = open();
  scene.connects = false;
  let opened = 0;
  const open1 = (): Buffer => {
    opened++;
    return Buffer.from("a");
  };
  const exchange = await scene.ask({ method: "POST", body: { length: 1, open: open1 } });
  exchange.queue?.abort(new Error("gone"));
  expect(opened).toBe(0);
});

describe("the time before a head", () => {
  test("does not run while it is the client who is waited for", async () => {
    const scene = open();
    const { source, exchange } = await upload(scene, null);
    await virtual.time.advanceAsync(20_000);
    source.end();
    await virtual.time.advanceAsync(3000);
    expect(exchange.outcome).toBeUndefined();
    await virtual.time.advanceAsync(500);
    expect(exchange.outcome).toBe("UPSTREAM_HEAD_TIMEOUT");
  });

  test("runs while the backend takes no more", async () => {
    const scene = open();
    scene.reads = false;
    const { source, exchange } = await upload(scene, null);
    while (source.push(Buffer.alloc(10_000, "x")));
    await settle();
    await virtual.time.advanceAsync(3500);
    expect(exchange.outcome).toBe("UPSTREAM_HEAD_TIMEOUT");
  });
});

import { Cancellation } from "../../src/cancellation.ts";
import { ClientGone } from "../../src/gateway-error.ts";
import { Exchanges } from "./support/pool-exchanges.ts";
import { coded } from "./support/upstream.ts";
import { virtualTimers } from "./support/virtual-timers.ts";

const virtual = virtualTimers();

const HOLD = { bytes: 16, time: 100 };

/** A request whose first attempt has got this head, and maybe more of its answer at once. */
async function begin(length: string | null, data: readonly string[] = [], changes = {}, rules = {}) {
  const scene = new Exchanges(virtual.time, { hold: HOLD, ...rules });
  const asked = scene.ask(changes);
  let told: string | null = null;
  void asked.told.then((what) => {
    told = what;
  });
  await virtual.time.advanceAsync(0);
  const driven = scene.running[0]?.driven;
  if (driven === undefined) throw new Error("no attempt was made");
  driven.head(200, ...(length === null ? [] : ["Content-Length", length])).data(...data);
  await virtual.time.advanceAsync(0);
  const { running } = scene;
  return { asked, scene, running, driven, attempts: asked.attempts, told: () => told };
}

/** Whether the answer has been given to its reader: then it breaks off for that, and not for the retry layer. */
async function breaks(scene: Awaited<ReturnType<typeof begin>>): Promise<number> {
  scene.driven.fail(coded("ECONNRESET"));
  await virtual.time.advanceAsync(60);
  return scene.running.length;
}

test("a small answer that breaks off before it is whole is tried elsewhere", async () => {
  const scene = await begin("9", ["one"]);
  expect(await breaks(scene)).toBe(2);
  scene.running[1]?.driven.head(200, "Content-Length", "2").data("ok").end();
  expect(await scene.asked.told).toBe("200");
  expect(scene.attempts).toMatchObject([
    { backend: "127.0.0.1:8000", status: 200, outcome: "reset", retry: "backoff" },
    { backend: "127.0.0.1:8001", status: 200, outcome: "ok" },
  ]);
  // Half an answer counts as none.
  expect(scene.scene.pool.ended.map(([id, status]) => [id, status])).toEqual([
    ["127.0.0.1:8000", null],
    ["127.0.0.1:8001", 200],
  ]);
});

test("an answer to a POST that breaks off is told by 502, and not tried again", async () => {
  const scene = await begin("9", ["one"], { method: "POST" });
  expect(await breaks(scene)).toBe(1);
  expect(await scene.asked.told).toBe("reset");
});

test("what comes whole with its head is not waited for", async () => {
  const scene = await begin("3", ["one"]);
  scene.driven.end();
  expect(virtual.time.pending).toBe(0);
  expect(await scene.asked.told).toBe("200");
});

test("what comes whole in time is given at once, and leaves no timer", async () => {
  const scene = await begin("9", ["one"]);
  await virtual.time.advanceAsync(50);
  expect(scene.told()).toBeNull();
  scene.driven.data("two", "end").end();
  expect(await scene.asked.told).toBe("200");
  expect(virtual.time.pending).toBe(0);
});

test("while it is held the connection need not wait, however little may be held for a reader", async () => {
  const scene = await begin("16", ["0123456789ab"]);
  scene.driven.data("cd");
  expect(scene.driven.control.paused).toBe(false);
  scene.driven.data("ef").end();
  expect(await scene.asked.told).toBe("200");
});

test("one that takes too long is sent on as far as it is there: what breaks off then is broken off for the client", async () => {
  const scene = await begin("9", ["one"]);
  await virtual.time.advanceAsync(100);
  expect(await breaks(scene)).toBe(1);
  expect(scene.told()).toBe("200");
});

test.each<[string, string | null, object]>([
  ["longer than the bound", "17", {}],
  ["of unknown length", null, {}],
  ["in a pool that holds none", "9", { hold: null }],
])("an answer %s is sent on as it comes", async (_name, length, rules) => {
  const scene = await begin(length, ["one"], {}, rules);
  expect(await breaks(scene)).toBe(1);
  expect(scene.told()).toBe("200");
});

test("one that broke off together with its head is held too", async () => {
  const scene = new Exchanges(virtual.time, { hold: HOLD });
  const asked = scene.ask();
  scene.running[0]?.driven.head(200, "Content-Length", "9").fail(coded("UPSTREAM_ENDED"));
  await virtual.time.advanceAsync(60);
  scene.running[1]?.driven.head(204).end();
  expect(await asked.told).toBe("204");
});

test("a client that leaves meanwhile ends it", async () => {
  const cancellation = new Cancellation();
  const scene = await begin("9", ["one"], { cancellation });
  cancellation.cancel(new ClientGone());
  expect(await scene.asked.told).toContain("the client went away");
  expect([scene.driven.control.aborted?.name, scene.running.length]).toEqual(["ClientGone", 1]);
});

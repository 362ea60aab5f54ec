import type { ControlPlane } from "../src/control/control-plane.ts";
import { GatewayControl } from "../src/control/gateway-control.ts";
import type { GatewayState } from "../src/control/gateway-state.ts";
import { planReadiness } from "../src/control/readiness.ts";
import { UserError } from "../src/errors.ts";
import { Bench, snapshot, withBackends } from "./control-support.ts";

const A = "http://10.0.0.1:80";
const a = "10.0.0.1:80";
const NEW = "http://10.0.0.9:8000";
const fresh = "10.0.0.9:8000";

async function gateway(
  config = withBackends(A),
): Promise<{ bench: Bench; state: GatewayState; control: ControlPlane }> {
  const bench = new Bench();
  bench.apply(config);
  await bench.pass(0);
  const state: GatewayState = { phase: "running", config, reloadError: null };
  return { bench, state, control: new GatewayControl(bench.registry, state) };
}

test("lists pools with their backends", async () => {
  const { control } = await gateway(
    snapshot({ pools: { default: { backends: [{ url: A, weight: 3 }] }, empty: { backends: [] } } }),
  );
  expect(control.pools()).toMatchObject([
    { name: "default", balancing: "round-robin", backends: [{ id: a, weight: 3, origin: "config", state: "HEALTHY" }] },
    { name: "empty", backends: [] },
  ]);
});

test("a backend that is added is probed at once and then serves", async () => {
  const { bench, control } = await gateway();
  expect(control.addBackend("default", { url: "HTTP://10.0.0.9:8000/" })).toMatchObject({
    id: fresh,
    url: NEW,
    weight: 1,
    origin: "admin",
    state: "NOT_INITIATED",
  });
  expect(bench.asked.at(-1)?.url).toBe(NEW);
  await bench.pass(0);
  expect(bench.choices(4).filter((id) => id === fresh)).toHaveLength(2);
});

test("adding it again changes its weight and nothing else", async () => {
  const { bench, control } = await gateway();
  control.addBackend("default", { url: NEW });
  await bench.pass(0);
  expect(control.addBackend("default", { url: NEW, weight: 3 })).toMatchObject({ weight: 3, state: "HEALTHY" });
  expect(bench.connections).toHaveLength(2);
  expect(bench.choices(8).filter((id) => id === fresh)).toHaveLength(6);
});

test("what was added survives a reload, what was removed stays away until the file's list changes", async () => {
  const { bench, control } = await gateway(withBackends(A, "http://10.0.0.2"));
  control.addBackend("default", { url: NEW });
  control.removeBackend("default", a);
  await bench.pass(0);
  bench.apply(snapshot({ pools: { default: { backends: [A, "http://10.0.0.2"], retries: 1 } } }));
  expect(bench.states()).toEqual(["10.0.0.2:80 HEALTHY", `${fresh} HEALTHY`]);
  bench.apply(withBackends(A));
  expect(bench.states().sort()).toEqual([`${a} NOT_INITIATED`, `${fresh} HEALTHY`]);
});

test("draining gives a backend nothing new until it is enabled, over reloads too", async () => {
  const { bench, control } = await gateway(withBackends(A, "http://10.0.0.2"));
  expect(control.drainBackend("default", a)).toMatchObject({ id: a, draining: true });
  bench.apply(withBackends(A, "http://10.0.0.2", "http://10.0.0.3"));
  await bench.pass(0);
  expect(bench.choices(4)).not.toContain(a);
  expect(control.enableBackend("default", a)).toMatchObject({ id: a, draining: false });
  expect(bench.choices(3)).toContain(a);
});

test.each<[string, (control: ControlPlane) => unknown, string]>([
  ["an unknown pool", (c) => c.addBackend("defualt", { url: NEW }), 'no pool "defualt": did you mean default?'],
  ["a pool unlike any", (c) => c.removeBackend("zzzzzz", a), 'no pool "zzzzzz"; there is default.'],
  ["an unknown backend", (c) => c.removeBackend("default", "10.0.0.1:81"), "did you mean 10.0.0.1:80?"],
  [
    "a backend unlike any",
    (c) => c.drainBackend("default", "web"),
    'no backend "web" in the pool default; there is 10.0.0.1:80.',
  ],
  [
    "a URL without scheme",
    (c) => c.addBackend("default", { url: "10.0.0.9:8000" }),
    "did you mean http://10.0.0.9:8000?",
  ],
  [
    "a short lease",
    (c) => c.addBackend("default", { url: NEW, lease: 999 }),
    "A lease of 999ms is not possible: expected 1s to 1h.",
  ],
  ["a long lease", (c) => c.addBackend("default", { url: NEW, lease: 3_600_001 }), "expected 1s to 1h."],
  ["a URL with a path", (c) => c.addBackend("default", { url: `${NEW}/api` }), "leave out the path"],
  ["no URL at all", (c) => c.addBackend("default", { url: "" }), '"" is no backend: expected one such as'],
  [
    "a backend of the file",
    (c) => c.addBackend("default", { url: A }),
    "10.0.0.1:80 is in the pool default already, by the config file",
  ],
  [
    "a weight of zero",
    (c) => c.addBackend("default", { url: NEW, weight: 0 }),
    "weight 0 is not possible: expected a whole number from 1 to 1000",
  ],
  ["a broken weight", (c) => c.addBackend("default", { url: NEW, weight: 1.5 }), "weight 1.5"],
])("refuses %s and says what would be right", async (_, ask, message) => {
  const { bench, control } = await gateway();
  const before = bench.states();
  expect(() => ask(control)).toThrow(UserError);
  expect(() => ask(control)).toThrow(message);
  expect(bench.states()).toEqual(before);
});

test("a backend cannot be added under two schemes", async () => {
  const { control } = await gateway();
  control.addBackend("default", { url: NEW });
  expect(() => control.addBackend("default", { url: "https://10.0.0.9:8000" })).toThrow(
    "10.0.0.9:8000 is in the pool default already, as http://10.0.0.9:8000. Remove it first.",
  );
});

test("in an empty pool no backend is known", async () => {
  const { control } = await gateway(withBackends());
  expect(() => control.enableBackend("default", a)).toThrow("in the pool default; it has none.");
});

test("shows the running config without its secrets, and why a newer one was refused", async () => {
  const { control, state } = await gateway();
  expect(JSON.stringify(control.effectiveConfig())).not.toContain("test-api-key-123");
  expect(control.effectiveConfig()).toMatchObject({ pools: { default: { health: { interval: "1s" } } } });
  expect(control.reloadError()).toBeNull();
  state.reloadError = "cache.ttl: found ...";
  expect(control.reloadError()).toBe("cache.ttl: found ...");
});

describe("readiness", () => {
  test("follows the phase and the pools", async () => {
    const { bench, control, state } = await gateway();
    expect(control.readiness()).toEqual({ ready: true, reasons: [] });
    bench.answers.set("http://10.0.0.1", "status 500");
    await bench.pass(5000);
    expect(control.readiness()).toEqual({ ready: false, reasons: ["The pool default has no usable backend."] });
    state.phase = "stopping";
    expect(control.readiness().reasons).toEqual(["The gateway is stopping."]);
    state.phase = "starting";
    expect(control.readiness().reasons).toEqual(["The gateway is starting."]);
  });

  test("one pool that can serve is enough", () => {
    const down = { name: "a", usable: false, settled: true };
    expect(planReadiness("running", [down, { name: "b", usable: true, settled: false }]).ready).toBe(true);
    expect(planReadiness("running", [down, { name: "b", usable: false, settled: false }]).reasons).toEqual([
      "The pool a has no usable backend.",
      "The pool b awaits its first health checks.",
    ]);
  });
});

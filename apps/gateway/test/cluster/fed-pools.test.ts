import type { BackendId } from "@headgate/balancer";
import { FedPools } from "../../src/cluster/fed-pools.ts";
import { type Observation, Observations } from "../../src/cluster/observations.ts";
import { PoolFeed } from "../../src/cluster/pool-feed.ts";
import type { PoolState } from "../../src/cluster/pool-state.ts";
import { shareConfig } from "../../src/cluster/share-config.ts";
import type { ConfigInput } from "../../src/config/schema.ts";
import type { ManagedPoolPorts } from "../../src/control/managed-pool.ts";
import { Bench, EPOCH, FakeConnections, snapshot } from "../control-support.ts";

const A = "a:1" as BackendId;
const B = "b:1" as BackendId;
const URLS = ["http://a:1", "http://b:1"];

/** Pools of a primary, and those of a worker that it feeds. */
class Fed {
  readonly primary = new Bench();
  readonly feed = new PoolFeed(() => this.primary.registry.pools, 2);
  readonly observed: Observation[] = [];
  readonly #due: (() => void)[] = [];
  readonly connections: FakeConnections[] = [];
  readonly worker: FedPools;

  /** @param answers to checks, by URL */
  constructor(input: ConfigInput, answers: Readonly<Record<string, string>> = {}) {
    for (const [url, answer] of Object.entries(answers)) this.primary.answers.set(url, answer);
    const { scheduler, clock } = this.primary;
    const observations = new Observations({
      send: (list) => this.observed.push(...list),
      soon: (task) => this.#due.push(task),
    });
    this.worker = new FedPools(
      {
        time: { clock, schedule: scheduler.schedule, random: () => 0.5 },
        probe: () => Promise.reject(new Error("a worker probes nobody")),
        askAgent: () => Promise.resolve(null),
        connect: (id, url, options) => {
          const connections = new FakeConnections(id, url, options);
          this.connections.push(connections);
          return connections;
        },
        onEvent: () => undefined,
        discovery: new Proxy({} as ManagedPoolPorts["discovery"], {
          get: () => () => {
            throw new Error("a worker looks for nobody");
          },
        }),
        secret: () => "",
      },
      observations,
    );
    this.apply(input);
  }

  apply(input: ConfigInput): void {
    const config = snapshot(input);
    this.primary.apply(config);
    const tls = { listeners: [], pools: {} };
    this.worker.apply({ config: shareConfig(config, 2), tls, signing: "" }, sent(this.feed.whole()))();
  }

  /** Tells the worker what has changed. */
  tell(): PoolState[] {
    const changes = sent(this.feed.changes());
    this.worker.feed(changes);
    return changes;
  }

  turn(): void {
    for (const task of this.#due.splice(0)) task();
  }

  get pool() {
    return this.worker.registry.get("default");
  }

  /** Whom the worker's next exchanges go to. */
  choices(count: number): string[] {
    return Array.from({ length: count }, () => {
      const choice = this.pool.balancer.choose({ tried: null, now: this.primary.scheduler.now(), random: () => 0.5 });
      if (choice.kind === "none") return choice.reason;
      this.pool.balancer.release(choice.backend);
      return choice.backend.id;
    });
  }
}

const sent = <T>(value: T): T => structuredClone(value);

type PoolInput = NonNullable<ConfigInput["pools"]>[string];

const pools = (more: Partial<PoolInput> = {}, backends: PoolInput["backends"] = URLS): ConfigInput => ({
  pools: { default: { backends, ...more } },
});

test("a worker serves when the primary's first checks are in, as the primary would", async () => {
  const fed = new Fed(pools(), { "http://b:1": "status 500" });
  expect(fed.choices(1)).toEqual(["pending"]);
  let settled = false;
  void fed.pool.health.whenSettled().then(() => {
    settled = true;
  });
  await fed.primary.pass(0);
  expect(settled).toBe(false);
  fed.tell();
  await fed.primary.pass(0);
  expect(settled).toBe(true);
  expect(fed.choices(2)).toEqual([A, A]);
  expect(fed.tell()).toEqual([]);
  fed.primary.answers.clear();
  await fed.primary.pass(5000);
  fed.tell();
  expect(fed.choices(4).sort()).toEqual([A, A, B, B]);
});

test("without checks all are there from the start", () => {
  expect(new Fed(pools({ health: false })).choices(2)).toEqual([A, B]);
});

test("refused: put aside here at once, told to the primary, and taken back by its next good check", async () => {
  const fed = new Fed(pools());
  await fed.primary.pass(0);
  fed.tell();
  fed.pool.health.reportRefused(A);
  expect(fed.choices(2)).toEqual([B, B]);
  fed.turn();
  expect(fed.observed).toEqual([{ pool: "default", backend: A, ended: "refused", latency: 0 }]);
  fed.primary.registry.get("default").health.reportRefused(A);
  expect(fed.primary.states()[0]).toContain("EJECTED");
  fed.tell();
  expect(fed.choices(2)).toEqual([B, B]);
  await fed.primary.pass(2000);
  fed.tell();
  expect(fed.choices(2).sort()).toEqual([A, B]);
});

test("where the primary does not agree, what it says of the one backend takes it back", async () => {
  const fed = new Fed(pools());
  await fed.primary.pass(0);
  fed.tell();
  fed.pool.health.reportRefused(A);
  const state = fed.feed.one(fed.primary.registry.get("default"), A);
  expect(state?.backends).toHaveLength(1);
  if (state !== null) fed.worker.feed([sent(state)]);
  expect(fed.choices(2).sort()).toEqual([A, B]);
  expect(fed.feed.one(fed.primary.registry.get("default"), "c:1" as BackendId)).toBeNull();
});

test("without checks a refusal is told, and for the primary to judge", () => {
  const fed = new Fed(pools({ health: false }));
  fed.pool.health.reportRefused(A);
  fed.turn();
  expect(fed.observed).toHaveLength(1);
  expect(fed.choices(2)).toEqual([A, B]);
  const deaf = new Fed(pools({ health: false, outlier: false }));
  deaf.pool.health.reportRefused(A);
  deaf.pool.health.attemptEnded(A, null, 1);
  deaf.turn();
  expect(deaf.observed).toEqual([]);
});

test("faults seen by several workers count together", async () => {
  const fed = new Fed(pools());
  await fed.primary.pass(0);
  fed.tell();
  for (let fault = 0; fault < 5; fault++) fed.pool.health.attemptEnded(A, 502, 1);
  fed.turn();
  expect(fed.observed.map(({ ended }) => ended)).toEqual([502, 502, 502, 502, 502]);
  const { health } = fed.primary.registry.get("default");
  for (const { backend, ended, latency } of fed.observed)
    if (ended !== "refused") health.attemptEnded(backend, ended, latency);
  fed.tell();
  expect(fed.choices(2)).toEqual([B, B]);
});

test("members come and go as the primary says, with a worker's part of their bounds", async () => {
  const fed = new Fed(pools({ health: false }, ["http://a:1", { url: "http://b:1", limits: { requests: 5 } }]));
  expect(fed.pool.balancer.get(B)?.maxActive).toBe(3);
  fed.primary.registry.get("default").add("http://c:1", 2);
  fed.primary.registry.get("default").remove(A);
  expect(fed.tell()).toHaveLength(1);
  expect(fed.pool.balancer.backends.map(({ id, weight }) => `${id} ${weight}`)).toEqual(["b:1 1", "c:1 2"]);
  expect(fed.connections.find(({ id }) => id === A)?.state).toBe("closed");
  fed.apply(pools({ health: false }, ["http://d:1"]));
  expect(fed.pool.balancer.backends.map(({ id }) => id).sort()).toEqual(["c:1", "d:1"]);
  expect(fed.choices(3).sort()).toEqual(["c:1", "c:1", "d:1"]);
});

test("a drain has its end in the worker, too, and what still runs there is broken off then", async () => {
  const fed = new Fed(pools({ health: false, sticky: {} }));
  const primary = fed.primary.registry.get("default");
  const backend = primary.balancer.get(A);
  if (backend === undefined) throw new Error("no backend");
  fed.tell();
  primary.setDraining(backend, true, 10_000);
  const [change] = fed.tell();
  expect(change?.backends).toEqual([expect.objectContaining({ id: A, drainUntil: EPOCH + 10_000 })]);
  expect(fed.choices(2)).toEqual([B, B]);
  const held = fed.pool.balancer.get(A);
  if (held !== undefined) held.active = 1;
  await fed.primary.pass(9_999);
  expect(fed.tell()).toEqual([]);
  expect(fed.connections.filter(({ id }) => id === A).map(({ state }) => state)).toEqual(["open"]);
  await fed.primary.pass(1);
  expect(fed.connections.filter(({ id }) => id === A).map(({ state }) => state)).toEqual(["closed", "open"]);
  primary.setDraining(backend, false);
  fed.tell();
  expect(fed.choices(2).sort()).toEqual([A, B]);
});

test("a load that was reported is told once", async () => {
  const fed = new Fed(pools({ balancing: "load-aware", health: false }));
  const primary = fed.primary.registry.get("default");
  const backend = primary.balancer.get(A);
  if (backend === undefined) throw new Error("no backend");
  primary.balancer.reportLoad(backend, { cpu: 0.5 }, 7);
  fed.tell();
  expect(fed.pool.balancer.get(A)?.load).toMatchObject({ report: { cpu: 0.5 }, at: fed.primary.scheduler.now() });
  await fed.primary.pass(1000);
  primary.balancer.setEjected(A, true);
  fed.tell();
  expect(fed.pool.balancer.get(A)?.load?.at).toBe(fed.primary.scheduler.now() - 1000);
});

test("pools that a reload takes away are gone, and those that wait for them wait no longer", async () => {
  const fed = new Fed(pools());
  let settled = false;
  void fed.pool.health.whenSettled().then(() => {
    settled = true;
  });
  fed.apply({ pools: { other: { backends: URLS } }, routes: [{ path: "/", pool: "other" }] });
  await fed.primary.pass(0);
  expect(settled).toBe(true);
  expect(fed.worker.registry.pools.map(({ name }) => name)).toEqual(["other"]);
  await fed.worker.registry.close();
});

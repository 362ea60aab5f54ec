import { NOW, STORE_RULES, sampleEntry, sampleKey } from "@headgate/cache/conformance";
import type { Link } from "../src/link.ts";
import { asText } from "../src/reply.ts";
import { freePort, RedisServer } from "../src/testing/index.ts";
import { describeWithRedis, openLink, optionsFor, storeOver } from "./support.ts";
import { eventually, openTier, ready, written } from "./support-tier.ts";

const SLOTS = [
  ["0", "5460"],
  ["5461", "10922"],
  ["10923", "16383"],
] as const;

interface Node {
  readonly server: RedisServer;
  readonly busPort: string;
  readonly link: Link;
}

async function startNode(): Promise<Node> {
  const busPort = String(await freePort());
  const server = await RedisServer.start({
    args: ["--cluster-enabled", "yes", "--cluster-port", busPort, "--cluster-node-timeout", "1000"],
  });
  const { link, up } = openLink(optionsFor(server.url));
  await up;
  return { server, busPort, link };
}

/** Three primaries with a third of the slots each. */
async function startCluster(): Promise<Node[]> {
  const nodes = await Promise.all(SLOTS.map(startNode));
  const [first] = nodes as [Node, ...Node[]];
  for (const [index, { link, server, busPort }] of nodes.entries()) {
    await link.send(["CLUSTER", "ADDSLOTSRANGE", ...(SLOTS[index] ?? SLOTS[0])]);
    await first.link.send(["CLUSTER", "MEET", "127.0.0.1", String(server.port), busPort]);
  }
  const isWhole = async ({ link }: Node): Promise<boolean> => {
    const info = asText(await link.send(["CLUSTER", "INFO"]));
    return info.includes("cluster_state:ok") && info.includes("cluster_known_nodes:3");
  };
  await eventually(async () => (await Promise.all(nodes.map(isWhole))).every(Boolean), "the cluster is whole");
  return nodes;
}

describeWithRedis("over a Redis Cluster of three", () => {
  let nodes: Node[] = [];
  let link: Link;
  let runs = 0;

  beforeAll(async () => {
    nodes = await startCluster();
    const opened = openLink(optionsFor(nodes[0]?.server.url ?? "", true));
    await opened.up;
    link = opened.link;
  }, 30_000);
  afterAll(async () => {
    link.close();
    for (const node of nodes) node.link.close();
    await Promise.all(nodes.map(({ server }) => server.stop()));
  });

  test.each(STORE_RULES.map(({ name, check }) => [name, check] as const))("%s", (_, check) =>
    check(() => ({ store: storeOver(link, `run${runs++}:`, { now: () => NOW }) })),
  );

  test("all nodes hold some, and a purge reaches all of them", async () => {
    const store = storeOver(link, "spread:", { now: () => NOW });
    const keys = Array.from({ length: 90 }, (_, index) => sampleKey(`/${index}`));
    await Promise.all(keys.map((key) => store.put(key, sampleEntry("x", { tags: ["red"] }), NOW)));
    const sizes = await Promise.all(nodes.map((node) => node.link.send(["DBSIZE"])));
    expect(sizes.every((size) => Number(size) > 10)).toBe(true);
    expect(await store.purge({ kind: "tag", tag: "red" }, "soft", NOW)).toBe(90);
    expect(await store.purge({ kind: "prefix", prefix: "http://h/" }, "hard", NOW)).toBe(90);
  });

  test("gateways share entries, purges and leases; one lost node costs only what it held", async () => {
    const urls = nodes.map(({ server }) => server.url).toReversed();
    const [one, other] = [1, 2].map(() => openTier(urls, { isCluster: true, timeout: 200 })) as [
      ReturnType<typeof openTier>,
      ReturnType<typeof openTier>,
    ];
    await ready(one, other);
    const now = Date.now();
    const keys = Array.from({ length: 30 }, (_, index) => sampleKey(`/${index}`));
    const entry = sampleEntry("x", { bornAt: now, receivedAt: now, expiresAt: now + 60_000, keepUntil: now + 60_000 });
    for (const key of keys) one.store.put(key, entry, now);
    await written(one);
    for (const key of keys) expect(await other.store.get(key, Date.now())).toHaveLength(1);
    const [key] = keys as [(typeof keys)[0]];
    const turns = [await one.leases.acquire(key, 5000), await other.leases.acquire(key, 5000)];
    expect(turns.map(({ kind }) => kind)).toEqual(["lead", "wait"]);
    const [lead, wait] = turns;
    if (lead?.kind === "lead") lead.lease.release();
    if (wait?.kind === "wait") await wait.wait.ended;
    await one.store.purge({ kind: "all" }, "hard", Date.now());
    await eventually(() => other.store.stats().entries === 0, "the purge is heard of");

    await nodes[1]?.server.kill();
    for (let round = 0; round < 3; round++) {
      for (const each of keys) {
        await one.store.get(each, Date.now());
        one.store.put(each, entry, Date.now());
        expect(await one.store.get(each, Date.now())).toHaveLength(1);
      }
    }
    await nodes[1]?.server.start();
    await ready(one, other);
    await eventually(async () => {
      for (const each of keys) one.store.put(each, entry, Date.now());
      await written(one);
      const found = await Promise.all(keys.map((each) => other.store.look(each, Date.now())));
      return found.every(({ length }) => length === 1);
    }, "all nodes are used again");
    await Promise.all([one.close(), other.close()]);
  }, 30_000);
});

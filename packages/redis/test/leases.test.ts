import type { Lease, LeaseTurn, LeaseWait } from "@headgate/cache";
import { sampleKey } from "@headgate/cache/conformance";
import { NO_VERSION, type Version } from "../src/contents.ts";
import { KeySpace } from "../src/key-space.ts";
import { Leases } from "../src/leases.ts";
import type { Command } from "../src/port.ts";
import { ACQUIRE, RELEASE } from "../src/scripts.ts";
import { WriteQueue } from "../src/write-queue.ts";
import { fakeLink, settle } from "./fakes.ts";

const KEY = sampleKey("/a");
const PATIENCE = 5000;

function setUp(version: Version = NO_VERSION) {
  const fake = fakeLink();
  const { link, time } = fake;
  const queue = new WriteQueue();
  let names = 0;
  const leases = new Leases({
    ...{ link, queue, keys: new KeySpace("p:"), channel: "p:leases" },
    seen: { versionOf: () => version, look: () => Promise.resolve([]) },
    ...{ schedule: time.schedule, now: time.now, random: () => 0.5 },
    newName: () => `me.${names++}`,
  });
  return { ...fake, queue, leases };
}

function waitOf(turn: LeaseTurn): LeaseWait {
  if (turn.kind !== "wait") throw new Error(`expected to wait, and not "${turn.kind}"`);
  return turn.wait;
}

function leaseOf(turn: LeaseTurn): Lease {
  if (turn.kind !== "lead") throw new Error(`expected to lead, and not "${turn.kind}"`);
  return turn.lease;
}

/** Redis, as far as one lease: held by another, or by nobody. */
const heldBy =
  (isHeld: () => boolean, version = "") =>
  (command: Command): unknown => {
    if (command[0] === "EXISTS") return Number(isHeld());
    if (command[1] === ACQUIRE.digest) return isHeld() ? [0] : [1, Buffer.from(version)];
    return 1;
  };

test("who is first leads, and hands the lease back once, behind its writes", async () => {
  const { leases, client, queue } = setUp();
  client.answers = heldBy(() => false);
  const lease = leaseOf(await leases.acquire(KEY, PATIENCE));
  expect(lease.isLate).toBe(false);
  expect(client.commands[0]).toEqual([
    ...["EVALSHA", ACQUIRE.digest, "3", "p:l{http://h/a}", "p:w{http://h/a}", "p:e{http://h/a}"],
    ...["me.0", "5000"],
  ]);
  let open: () => void = () => undefined;
  void queue.add(KEY, 1, () => new Promise<void>((resolve) => (open = resolve)));
  lease.release();
  lease.release();
  await settle();
  expect(client.commands).toHaveLength(1);
  open();
  await settle();
  expect(client.commands.slice(1)).toEqual([
    ["EVALSHA", RELEASE.digest, "2", "p:l{http://h/a}", "p:w{http://h/a}", "me.0", "p:leases", KEY],
  ]);
  expect(queue.writes).toBe(0);
});

test.each([
  ["v1 a:b", "v1 a:b", false],
  ["v1 c:d", "v1 a:b", true],
  ["v1 c:d", "", true],
  ["", "v1 a:b", true],
])("with %j stored and %j seen, it is late: %s", async (stored, seen, isLate) => {
  const { leases, client } = setUp(seen as Version);
  client.answers = heldBy(() => false, stored);
  expect(leaseOf(await leases.acquire(KEY, PATIENCE)).isLate).toBe(isLate);
});

test("who comes later waits until it is said that the lease has ended", async () => {
  const { leases, client, time } = setUp();
  client.answers = heldBy(() => true);
  const wait = waitOf(await leases.acquire(KEY, PATIENCE));
  const others = waitOf(await leases.acquire(KEY, PATIENCE));
  leases.heard("http://h/other");
  expect(time.pending).toBe(4);
  leases.heard(KEY);
  await Promise.all([wait.ended, others.ended]);
  expect(time.pending).toBe(0);
});

test("a word that comes before the answer is not missed", async () => {
  const { leases, client, time } = setUp();
  client.answers = heldBy(() => true);
  const turn = leases.acquire(KEY, PATIENCE);
  leases.heard(KEY);
  await waitOf(await turn).ended;
  expect(time.pending).toBe(0);
});

test("a word that is never heard costs a look now and then", async () => {
  const { leases, client, time } = setUp();
  let isHeld = true;
  client.answers = heldBy(() => isHeld);
  const { ended } = waitOf(await leases.acquire(KEY, PATIENCE));
  await time.advanceAsync(1100);
  expect(client.commands.filter(([name]) => name === "EXISTS")).toHaveLength(4);
  isHeld = false;
  await time.advanceAsync(250);
  await ended;
  expect(time.pending).toBe(0);
});

test("nobody waits longer than they have patience", async () => {
  const { leases, client, time } = setUp();
  client.answers = heldBy(() => true);
  const { ended } = waitOf(await leases.acquire(KEY, PATIENCE));
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  await time.advanceAsync(PATIENCE - 1);
  expect(isOver).toBe(false);
  await time.advanceAsync(1);
  expect({ isOver, timers: time.pending }).toEqual({ isOver: true, timers: 0 });
});

test("who stops waiting leaves nothing behind, not even a look under way", async () => {
  const { leases, client, time } = setUp();
  let answer: (held: number) => void = () => undefined;
  client.answers = heldBy(() => true);
  const wait = waitOf(await leases.acquire(KEY, PATIENCE));
  client.send = () => new Promise((resolve) => (answer = resolve));
  await time.advanceAsync(250);
  wait.stop();
  wait.stop();
  answer(1);
  await settle();
  expect(time.pending).toBe(0);
  await wait.ended;
});

test("where Redis cannot tell, everybody goes alone, and waits end", async () => {
  const { leases, client, time } = setUp();
  client.answers = heldBy(() => true);
  const { ended } = waitOf(await leases.acquire(KEY, PATIENCE));
  client.answers = () => new Error("ERR");
  await time.advanceAsync(250);
  await ended;
  const sent = client.commands.length;
  // The last command failed: this one is not even tried.
  expect(await leases.acquire(KEY, PATIENCE)).toEqual({ kind: "alone" });
  expect(client.commands).toHaveLength(sent);
});

test("a lease that cannot be asked for or handed back is none", async () => {
  const { leases, client, queue } = setUp();
  client.answers = heldBy(() => false);
  const lease = leaseOf(await leases.acquire(KEY, PATIENCE));
  client.answers = () => new Error("OOM no room");
  expect(await leases.acquire(KEY, PATIENCE)).toEqual({ kind: "alone" });
  lease.release();
  await settle();
  expect(queue.writes).toBe(0);
});

test("closing ends all waits", async () => {
  const { leases, client, time } = setUp();
  client.answers = heldBy(() => true);
  const wait = waitOf(await leases.acquire(KEY, PATIENCE));
  leases.close();
  await wait.ended;
  expect(time.pending).toBe(0);
  expect(await leases.look(KEY, 0)).toEqual([]);
});

import type { CacheKey, PurgeTarget } from "@headgate/cache";
import { sampleEntry } from "@headgate/cache/conformance";
import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { Breaker } from "../src/breaker.ts";
import { NO_VERSION, type Version } from "../src/contents.ts";
import { failureOf, RedisFailure } from "../src/failure.ts";
import { inGroups, unique } from "../src/groups.ts";
import { decodePurge, encodePurge } from "../src/messages.ts";
import { OwedPurges } from "../src/owed-purges.ts";
import { asBuffer, asList, asNumber, asText } from "../src/reply.ts";
import { Trust } from "../src/trust.ts";
import { WritePause } from "../src/write-pause.ts";
import { WriteQueue } from "../src/write-queue.ts";

const key = (text: string): CacheKey => text as CacheKey;

describe("breaker", () => {
  test("opens after so many failures in a row, and only once", () => {
    const breaker = new Breaker(3);
    expect(breaker.isOpen).toBe(true);
    breaker.close();
    expect([breaker.failed(), breaker.failed()]).toEqual([false, false]);
    breaker.succeeded();
    expect(breaker.isShaky).toBe(false);
    expect([breaker.failed(), breaker.failed(), breaker.failed(), breaker.failed()]).toEqual([
      false,
      false,
      true,
      false,
    ]);
    expect(breaker.isOpen).toBe(true);
    breaker.close();
    expect([breaker.isOpen, breaker.isShaky, breaker.trip(), breaker.isShaky]).toEqual([false, false, true, true]);
  });
});

describe("write pause", () => {
  test("grows while writes are refused, counts those together once, and ends with one that is taken", () => {
    const pause = new WritePause();
    expect(pause.lasts(0)).toBe(false);
    const lengths: number[] = [];
    let now = 0;
    for (let refusals = 0; refusals < 6; refusals++) {
      pause.refused(now);
      pause.refused(now);
      let until = now;
      while (pause.lasts(until)) until += 500;
      lengths.push(until - now);
      now = until;
    }
    expect(lengths).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
    expect(pause.isRefused).toBe(true);
    pause.accepted();
    expect([pause.isRefused, pause.lasts(now)]).toEqual([false, false]);
  });
});

describe("failures", () => {
  test.each([
    ["OOM command not allowed when used memory > 'maxmemory'.", "refused"],
    ["ERR Error running script (call to f_1): @user_script:5: -OOM command not allowed", "refused"],
    ["READONLY You can't write against a read only replica.", "refused"],
    ["LOADING Redis is loading the dataset in memory", "error"],
    ["WRONGTYPE Operation against a key", "error"],
    ["Connection is closed.", "lost"],
    ["Stream isn't writeable and enableOfflineQueue options is false", "lost"],
  ])("%s is %s", (message, kind) => {
    expect(failureOf(new Error(message))).toMatchObject({ kind, message });
  });

  test("what is one already stays as it is, and of others nothing is kept but the message", () => {
    const failure = new RedisFailure("down", "x");
    expect(failureOf(failure)).toBe(failure);
    expect(Object.keys(failureOf(Object.assign(new Error("ERR no"), { command: { args: ["secret"] } })))).toEqual([
      "kind",
      "name",
    ]);
    expect(failureOf("odd")).toMatchObject({ kind: "lost", message: "odd" });
  });
});

test("replies of another kind than expected are as good as nothing", () => {
  for (const reply of [null, undefined, {}, new Error("x"), Number.NaN]) {
    expect([asList(reply), asText(reply), asNumber(reply), asBuffer(reply)]).toEqual([[], "", 0, undefined]);
  }
  expect([asText("a"), asText(Buffer.from("b")), asNumber(Buffer.from("7")), asNumber("x")]).toEqual(["a", "b", 7, 0]);
});

describe("groups", () => {
  test("work is done so many at a time, in order", async () => {
    let running = 0;
    let most = 0;
    const double = async (item: number): Promise<number> => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      return item * 2;
    };
    expect(await inGroups([1, 2, 3, 4, 5], 2, double)).toEqual([2, 4, 6, 8, 10]);
    expect(most).toBe(2);
  });

  test("what comes twice is seen once", async () => {
    async function* pages(): AsyncGenerator<readonly number[]> {
      yield [1, 1, 2];
      yield [2, 3];
    }
    const seen: number[] = [];
    for await (const page of unique(pages())) seen.push(...page);
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe("messages", () => {
  const target: fc.Arbitrary<PurgeTarget> = fc.oneof(
    fc.string().map((of): PurgeTarget => ({ kind: "url", key: key(of) })),
    fc.string().map((of): PurgeTarget => ({ kind: "prefix", prefix: of })),
    fc.string().map((of): PurgeTarget => ({ kind: "tag", tag: of })),
    fc.constant<PurgeTarget>({ kind: "all" }),
  );

  test("a purge that is told is the one that is heard", () => {
    forAll(target, fc.constantFrom("hard" as const, "soft" as const), fc.string(), (of, mode, from) => {
      expect(decodePurge(encodePurge({ from, target: of, mode }))).toEqual({ from, target: of, mode });
      return undefined;
    });
  });

  test("anything else is no purge, and no error", () => {
    const others = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom('[1,"a","hard","city","x"]', '[2,"a","hard","all",""]'),
    );
    forAll(others, (text) => decodePurge(text) === undefined);
    expect(decodePurge('[1,"a","gentle","all",""]')).toBeUndefined();
  });
});

describe("write queue", () => {
  test("writes under one key follow each other, others do not wait", async () => {
    const queue = new WriteQueue();
    const done: string[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const write =
      (name: string, after: Promise<void> = Promise.resolve()) =>
      async (): Promise<string> => {
        await after;
        done.push(name);
        return name;
      };
    const first = queue.add(key("a"), 10, write("a1", held));
    const second = queue.add(key("a"), 10, write("a2"));
    await queue.add(key("b"), 10, write("b1"));
    expect(done).toEqual(["b1"]);
    expect({ writes: queue.writes, bytes: queue.bytes }).toEqual({ writes: 2, bytes: 20 });
    let settled = false;
    const all = queue
      .settled((of) => of === "a")
      .then(() => {
        settled = true;
      });
    await queue.settled((of) => of === "b");
    expect(settled).toBe(false);
    release();
    expect(await Promise.all([first, second])).toEqual(["a1", "a2"]);
    await all;
    expect(done).toEqual(["b1", "a1", "a2"]);
    expect({ writes: queue.writes, bytes: queue.bytes }).toEqual({ writes: 0, bytes: 0 });
  });

  test("what is too much in number or bytes is left out and counted", async () => {
    const queue = new WriteQueue({ maxWrites: 2, maxBytes: 100 });
    const write = (): Promise<number> => Promise.resolve(1);
    const taken = [queue.add(key("a"), 60, write), queue.add(key("b"), 60, write), queue.add(key("c"), 40, write)];
    expect(taken.map((result) => result !== undefined)).toEqual([true, false, true]);
    expect(queue.add(key("d"), 0, write)).toBeUndefined();
    expect(queue.dropped).toBe(2);
    await queue.settled(() => true);
    expect(queue.add(key("d"), 100, write)).toBeDefined();
  });
});

describe("owed purges", () => {
  const red = sampleEntry("red", { tags: ["red"] });
  const blue = sampleEntry("blue", { tags: ["blue"] });
  const now = red.receivedAt + 5;

  test.each<[PurgeTarget, string, string[]]>([
    [{ kind: "all" }, "http://h/a", []],
    [{ kind: "url", key: key("http://h/a") }, "http://h/a", []],
    [{ kind: "url", key: key("http://h/a") }, "http://h/a\ncookie x=1:1", []],
    [{ kind: "url", key: key("http://h/a") }, "http://h/ab", ["red", "blue"]],
    [{ kind: "prefix", prefix: "http://h/a" }, "http://h/ab", []],
    [{ kind: "prefix", prefix: "http://h/b" }, "http://h/ab", ["red", "blue"]],
    [{ kind: "tag", tag: "red" }, "http://h/ab", ["blue"]],
  ])("after %j, of %j is left: %j", (target, of, left) => {
    const owed = new OwedPurges();
    const purge = owed.add({ target, mode: "hard", now });
    expect(owed.apply(key(of), [red, blue]).map(({ body }) => body.toString())).toEqual(left);
    owed.settle(purge);
    expect({ size: owed.size, meets: owed.mayMeet(key(of)) }).toEqual({ size: 0, meets: false });
    expect(owed.apply(key(of), [red, blue])).toEqual([red, blue]);
  });

  test("a soft one makes stale what it meets", () => {
    const owed = new OwedPurges();
    owed.add({ target: { kind: "tag", tag: "red" }, mode: "soft", now });
    const [first, second] = owed.apply(key("http://h/"), [red, blue]);
    expect([first?.expiresAt, second]).toEqual([now, blue]);
  });

  test("the same again is owed once, and the earlier one settles nothing", () => {
    const owed = new OwedPurges();
    const first = owed.add({ target: { kind: "all" }, mode: "hard", now });
    const second = owed.add({ target: { kind: "all" }, mode: "hard", now: now + 1 });
    expect(owed.list()).toEqual([second]);
    owed.settle(first);
    expect(owed.size).toBe(1);
    owed.settle(second);
    expect(owed.size).toBe(0);
  });

  test("too many become one of everything", () => {
    const owed = new OwedPurges(2);
    for (const path of ["a", "b", "c"]) owed.add({ target: { kind: "url", key: key(path) }, mode: "soft", now });
    expect(owed.list()).toEqual([{ target: { kind: "all" }, mode: "hard", now }]);
    expect(owed.apply(key("z"), [red])).toEqual([]);
  });
});

describe("trust", () => {
  const entry = sampleEntry("x");
  const other = sampleEntry("y");
  const V1 = "v1 a:b" as Version;
  const lifetime = 100;

  function hearing(): Trust {
    const trust = new Trust(lifetime);
    trust.hearsFrom(1000);
    return trust;
  }

  test("what is unknown is not trusted", () => {
    expect(hearing().covers([entry], 1000)).toBe(false);
    expect(hearing().versionOf([entry])).toBe(NO_VERSION);
    expect(hearing().versionOf([])).toBe(NO_VERSION);
  });

  test("what is in Redis is trusted for a short time, by its version", () => {
    const trust = hearing();
    trust.confirm([entry, other], V1, 1000);
    expect([trust.covers([entry, other], 1099), trust.covers([entry], 1100)]).toEqual([true, false]);
    expect(trust.versionOf([entry, other])).toBe(V1);
    expect(trust.isOwn(entry, 1000)).toBe(false);
  });

  test("what is here alone is trusted as long as purges are heard of", () => {
    const trust = hearing();
    trust.own(entry, 1000);
    expect([trust.covers([entry], 99_999), trust.isOwn(entry, 99_999)]).toEqual([true, true]);
    trust.isDeaf();
    expect([trust.covers([entry], 1099), trust.covers([entry], 1100)]).toEqual([true, false]);
    trust.hearsFrom(2000);
    expect([trust.covers([entry], 2000), trust.isOwn(entry, 2000), trust.isHearing]).toEqual([false, false, true]);
    trust.own(other, 2000);
    expect(trust.covers([other], 99_999)).toBe(true);
  });

  test("of several versions none is known", () => {
    const trust = hearing();
    trust.confirm([entry], V1, 1000);
    trust.own(other, 1000);
    expect(trust.versionOf([entry, other])).toBe(NO_VERSION);
  });
});

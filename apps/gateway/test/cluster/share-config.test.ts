import fc from "fast-check";
import { shareConfig, shareMember, withStart } from "../../src/cluster/share-config.ts";
import type { ConfigInput } from "../../src/config/schema.ts";
import { backendId, type Member } from "../../src/control/members.ts";
import { snapshot } from "../control-support.ts";

const bound = fc.integer({ min: 1, max: 100_000 });
const workers = fc.integer({ min: 1, max: 64 });

test("all parts together are no less than the whole, and at most one more for each worker", () => {
  fc.assert(
    fc.property(bound, bound, workers, (exchanges, entries, count) => {
      const { limits, cache } = shareConfig(snapshot({ limits: { exchanges }, cache: { entries } }), count);
      for (const [part, whole] of [
        [limits.exchanges, exchanges],
        [cache.entries, entries],
      ] as const) {
        expect(part * count).toBeGreaterThanOrEqual(whole);
        expect(part * count).toBeLessThan(whole + count);
      }
    }),
  );
});

test("everything that bounds the whole gateway is divided, nothing else is", () => {
  const url = "http://127.0.0.1:8000";
  const pool: NonNullable<ConfigInput["pools"]>[string] = {
    backends: [{ url, limits: { requests: 9 } }],
    limits: { requests: 40, connections: 7, waiting: 10, perBackend: { connections: 6 } },
    concurrency: { algorithm: "aimd", min: 4, initial: 20, max: 101 },
  };
  const whole = snapshot({
    limits: { exchanges: 100, connections: 51, body: "1MiB" },
    cache: { entries: 0, memory: 1001 },
    compression: { memory: 11 },
    pools: { default: pool },
  });
  const part = shareConfig(whole, 2);
  expect(part.limits).toMatchObject({ exchanges: 50, connections: 26, body: 1024 ** 2, replay: whole.limits.replay });
  expect(part.cache).toEqual({ ...whole.cache, entries: 0, memory: 501 });
  expect(part.compression.memory).toBe(6);
  expect(part.pools.default).toMatchObject({
    backends: [{ url, weight: 1, limits: { requests: 5 } }],
    limits: { requests: 20, connections: 4, waiting: 5, wait: 1000, perBackend: { connections: 3 } },
    concurrency: { algorithm: "aimd", min: 2, initial: 10, max: 51 },
  });
  expect(part.routes).toBe(whole.routes);
  expect(part.timeouts).toBe(whole.timeouts);
});

test("what has no bound gets none", () => {
  const whole = snapshot({ pools: { default: { backends: ["http://127.0.0.1:8000"] } } });
  const { default: pool } = shareConfig(whole, 3).pools;
  expect(pool?.limits).toEqual({ waiting: 342, wait: 1000 });
  expect(pool?.concurrency).toBe(false);
  const member: Member = { id: backendId("http://a:1"), url: "http://a:1", weight: 1, origin: "config" };
  expect(shareMember(member, 3)).toBe(member);
  expect(shareMember({ ...member, limits: { connections: 4 } }, 3).limits).toEqual({ connections: 2 });
});

test("a replacement has of the start what is read once, and of now the rest", () => {
  const first = snapshot({ cache: { entries: 10, ttl: 1000 }, log: { level: "warn" } });
  const now = snapshot({ cache: { entries: 20, ttl: 2000 }, log: { level: "info" } });
  const config = withStart(now, first);
  expect(config.cache).toMatchObject({ entries: 10, ttl: 2000 });
  expect(config.log.level).toBe("warn");
});

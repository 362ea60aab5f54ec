import type { RunningGateway } from "./support/gateway.ts";
import { type Answer, ask, askJson } from "./support/http-client.ts";
import { OpenLoad } from "./support/open-load.ts";
import { eventually } from "./support/raw-client.ts";
import { type RoutedBackend, startRoutedBackend } from "./support/routed-backend.ts";
import {
  connected,
  describeWithRedis,
  RedisServer,
  readRedis,
  startSharing,
  startTwo,
  written,
} from "./support/sharing.ts";
import { troubles } from "./support/stage.ts";

/** Patient, so that a busy machine is not taken for a slow Redis. */
const PATIENT = "2s";

let redis: RedisServer;
let backend: RoutedBackend;
let gateways: [RunningGateway, RunningGateway];

const get = (gateway: RunningGateway, path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(`http://127.0.0.1:${gateway.http}${path}`, { headers: { host: "shop.example", ...headers } });

/** X-Cache and the body. */
const told = ({ headers, text }: Answer): string => `${headers["x-cache"]} ${text}`;

/** The backend answers requests for this path with a number that counts them, after `wait` ms. */
function counting(path: string, fields: string, wait = 0): void {
  let count = 0;
  backend.at(path, async (_, connection) => {
    const answer = String(++count);
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    connection.reply(answer, fields);
  });
}

async function purge({ admin }: RunningGateway, what: object): Promise<unknown> {
  return (await askJson(`${admin}/api/cache/purge`, "POST", what)).json;
}

async function metric({ admin }: RunningGateway, name: string): Promise<string | undefined> {
  const { text } = await ask(`${admin}/metrics`);
  return text.split("\n").find((line) => line.startsWith(`${name} `));
}

async function tearDown(): Promise<void> {
  const codes = await Promise.all(gateways.map((gateway) => gateway.stop()));
  await Promise.all([backend.close(), redis.stop()]);
  expect({ codes, log: gateways.flatMap(troubles) }).toEqual({ codes: [0, 0], log: [] });
}

describeWithRedis("two gateways that share their cache through Redis", () => {
  beforeAll(async () => {
    [redis, backend] = await Promise.all([RedisServer.start(), startRoutedBackend()]);
    gateways = await startSharing(redis, backend.port, { timeout: PATIENT });
  });
  afterAll(tearDown);

  test("serve what the other has stored, with its age and its variants", async () => {
    const [one, other] = gateways;
    counting("/shared", "Cache-Control: max-age=600\r\nVary: Accept-Language\r\n");
    expect(told(await get(one, "/shared", { "accept-language": "de" }))).toBe("MISS 1");
    expect(told(await get(other, "/shared", { "accept-language": "en" }))).toBe("MISS 2");
    await written(gateways);
    // A variant that memory lacks beside one that it has is found when the gateway asks whose turn it is to fetch it.
    expect((await get(one, "/shared", { "accept-language": "en" })).text).toBe("2");
    expect((await get(other, "/shared", { "accept-language": "de" })).text).toBe("1");
    for (const gateway of gateways) {
      expect(told(await get(gateway, "/shared", { "accept-language": "de" }))).toBe("HIT 1");
      const english = await get(gateway, "/shared", { "accept-language": "en" });
      expect(told(english)).toBe("HIT 2");
      expect(Number(english.headers.age)).toBeGreaterThanOrEqual(0);
    }
    expect(backend.requestsTo("/shared")).toHaveLength(2);
  });

  test.each([
    ["a URL", { url: "http://shop.example/purged?1" }, 1],
    ["a tag", { tag: "news" }, 2],
    ["a prefix", { prefix: "http://shop.example/purged" }, 2],
    ["everything, softly", { all: true, soft: true }, 2],
  ])("forget %s at once when one of them is told to", async (_, what, least) => {
    const [one, other] = gateways;
    counting("/purged", "Cache-Control: max-age=600\r\nSurrogate-Key: news\r\n");
    await purge(one, { all: true });
    for (const path of ["/purged?1", "/purged?2"]) await get(one, path);
    await written(gateways);
    for (const path of ["/purged?1", "/purged?2"]) expect((await get(other, path)).headers["x-cache"]).toBe("HIT");
    const { purged } = (await purge(one, what)) as { purged: number };
    expect(purged).toBeGreaterThanOrEqual(least);
    expect((await get(one, "/purged?1")).headers["x-cache"]).not.toBe("HIT");
    await purge(one, what);
    const isForgotten = async (): Promise<boolean> => (await get(other, "/purged?1")).headers["x-cache"] !== "HIT";
    await eventually(isForgotten, "the other has heard of it", 2000);
  });

  test("forget what a POST at the other has changed", async () => {
    const [one, other] = gateways;
    counting("/changed", "Cache-Control: max-age=600\r\n");
    await get(one, "/changed");
    await written(gateways);
    expect(told(await get(other, "/changed"))).toBe("HIT 1");
    await ask(`http://127.0.0.1:${one.http}/changed`, { method: "POST", headers: { host: "shop.example" } });
    await eventually(async () => (await get(other, "/changed")).headers["x-cache"] === "MISS", "it is forgotten", 2000);
  });

  test("make one request of a thousand identical ones", async () => {
    counting("/stampede", "Cache-Control: max-age=600\r\n", 300);
    const answers = await Promise.all(
      Array.from({ length: 1000 }, (_, index) => get(gateways[index % 2 === 0 ? 0 : 1], "/stampede")),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(new Set(["200 1"]));
    expect(backend.requestsTo("/stampede")).toHaveLength(1);
  });

  test("each give their own clients what is for one alone, and wait for nobody", async () => {
    counting("/private", "Cache-Control: private\r\n", 50);
    const began = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => get(gateways[index % 2 === 0 ? 0 : 1], "/private")),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(20);
    expect(performance.now() - began).toBeLessThan(4000);
  });

  test("take a value that was cut off for a miss", async () => {
    const [one, other] = gateways;
    counting("/cut", "Cache-Control: max-age=600\r\n");
    await get(one, "/cut");
    await written(gateways);
    const cut = `
      for _, key in ipairs(redis.call('KEYS', '*/cut}*')) do
        for _, field in ipairs(redis.call('HKEYS', key)) do
          if field ~= 'i' then redis.call('HSET', key, field, string.sub(redis.call('HGET', key, field), 1, -2)) end
        end
      end`;
    await redis.command("EVAL", cut, "0");
    expect(told(await get(other, "/cut"))).toBe("MISS 2");
    expect((await readRedis(other)).unreadable).toBeGreaterThan(0);
    await written(gateways);
    expect(told(await get(other, "/cut"))).toBe("HIT 2");
  });

  test("go on when everything is flushed, and share what comes then", async () => {
    const [one, other] = gateways;
    counting("/flushed", "Cache-Control: max-age=600\r\n");
    await get(one, "/flushed");
    await written(gateways);
    await redis.command("FLUSHALL");
    expect(told(await get(one, "/flushed"))).toBe("HIT 1");
    expect(told(await get(other, "/flushed"))).toBe("MISS 2");
    expect(await metric(one, "headgate_cache_redis_up")).toBe("headgate_cache_redis_up 1");
  });
});

describeWithRedis("when Redis fails, gateways that share their cache through it", () => {
  beforeEach(async () => {
    [redis, backend] = await Promise.all([RedisServer.start(), startRoutedBackend()]);
  });
  afterEach(tearDown);

  function loads(): OpenLoad[] {
    return gateways.map(
      ({ http }) =>
        new OpenLoad({
          port: http,
          rps: 150,
          make: (id) => ({
            method: "GET",
            path: `/load?${Number(id.slice(3)) % 50}`,
            headers: { host: "shop.example" },
          }),
        }),
    );
  }

  test("fail no request while it is killed and started again, and then share", async () => {
    gateways = await startSharing(redis, backend.port, { memoryTtl: "200ms" });
    const [one, other] = gateways;
    counting("/load", "Cache-Control: max-age=1\r\n");
    const running = loads();
    await Promise.all(running.map((load) => load.goesOn(150)));
    await redis.kill();
    const isDown = async (): Promise<boolean> => (await readRedis(one)).state === "down";
    await eventually(isDown, "the loss is known");
    expect(await metric(one, "headgate_cache_redis_up")).toBe("headgate_cache_redis_up 0");
    await Promise.all(running.map((load) => load.goesOn(150)));
    await redis.start();
    await connected(gateways);
    await Promise.all(running.map((load) => load.goesOn(150)));
    await Promise.all(running.map((load) => load.stop()));
    expect(running.flatMap(({ failures }) => failures)).toEqual([]);

    counting("/again", "Cache-Control: max-age=600\r\n");
    const isShared = async (): Promise<boolean> => {
      const path = `/again?${performance.now()}`;
      await get(one, path);
      await written(gateways);
      return (await get(other, path)).headers["x-cache"] === "HIT";
    };
    await eventually(isShared, "sharing resumes");
  }, 60_000);

  test("wait for one that hangs no longer than the time-out, and soon not at all", async () => {
    gateways = await startSharing(redis, backend.port);
    const [one, other] = gateways;
    counting("/hang", "Cache-Control: max-age=600\r\n");
    redis.signal("SIGSTOP");
    const times: number[] = [];
    for (let request = 0; request < 20; request++) {
      const began = performance.now();
      const { status } = await get(one, `/hang?${request}`);
      expect(status).toBe(200);
      times.push(performance.now() - began);
    }
    // Each is asked for once at most, with 50 ms for it; a busy machine has the rest.
    expect(Math.max(...times)).toBeLessThan(500);
    expect(times.slice(5).toSorted((a, b) => a - b)[7]).toBeLessThan(50);
    expect((await readRedis(one)).state).toBe("down");
    expect((await get(one, "/hang?1")).headers["x-cache"]).toBe("HIT");
    redis.signal("SIGCONT");
    await connected(gateways);
    const isShared = async (): Promise<boolean> => {
      const path = `/hang?${performance.now()}`;
      await get(one, path);
      await written(gateways);
      return (await get(other, path)).headers["x-cache"] === "HIT";
    };
    await eventually(isShared, "sharing resumes");
  }, 60_000);

  test("start without it, and share when it comes", async () => {
    await redis.kill();
    gateways = await startTwo(redis, backend.port);
    const [one] = gateways;
    counting("/without", "Cache-Control: max-age=600\r\n");
    expect(told(await get(one, "/without"))).toBe("MISS 1");
    expect(told(await get(one, "/without"))).toBe("HIT 1");
    await redis.start();
    await connected(gateways);
    expect((await get(one, "/without")).status).toBe(200);
  }, 60_000);
});

import { RedisServer, redisServerBinary } from "@headgate/redis/testing";
import type { ConfigInput } from "../../src/config/schema.ts";
import { type RunningGateway, startGateway, testConfig } from "./gateway.ts";
import { askJson } from "./http-client.ts";
import { eventually } from "./raw-client.ts";

/** `describe` where there is a redis-server; elsewhere what it holds is skipped, and that is said. */
export function describeWithRedis(name: string, tests: () => void): void {
  if (redisServerBinary() !== undefined) {
    describe(name, tests);
    return;
  }
  console.warn(`skipped: "${name}", because redis-server is not on PATH (apt-get install redis-server)`);
  describe.skip(name, tests);
}

/** What `GET /api/cache` says of Redis, as far as tests look at it. */
export interface RedisView {
  readonly state: "up" | "down";
  readonly subscribed: boolean;
  readonly unreadable: number;
  readonly pendingWrites: number;
  readonly failures: Readonly<Record<string, number>>;
}

export async function readRedis({ admin }: RunningGateway): Promise<RedisView> {
  const { json } = await askJson(`${admin}/api/cache`);
  return (json as { redis: RedisView }).redis;
}

/** Waits until each gateway is connected to Redis both ways. */
export async function connected(gateways: readonly RunningGateway[]): Promise<void> {
  const isConnected = async (gateway: RunningGateway): Promise<boolean> => {
    const { state, subscribed } = await readRedis(gateway);
    return state === "up" && subscribed;
  };
  await eventually(
    async () => (await Promise.all(gateways.map(isConnected))).every(Boolean),
    "all gateways are connected to Redis",
    10_000,
  );
}

/** Waits until each gateway has written what it had to. */
export async function written(gateways: readonly RunningGateway[]): Promise<void> {
  const isWritten = async (gateway: RunningGateway): Promise<boolean> => (await readRedis(gateway)).pendingWrites === 0;
  await eventually(async () => (await Promise.all(gateways.map(isWritten))).every(Boolean), "all is written");
}

type RedisSettings = Omit<NonNullable<NonNullable<ConfigInput["cache"]>["redis"]>, "url">;

/** Two gateways in front of one backend that share their cache through a Redis, be it there or not. */
export function startTwo(
  redis: RedisServer,
  backend: number,
  settings: RedisSettings = {},
): Promise<[RunningGateway, RunningGateway]> {
  const config = testConfig([backend], { cache: { ttl: 0, redis: { url: redis.url, ...settings } } });
  return Promise.all([startGateway(config), startGateway(config)]);
}

/** The same, once they are connected. */
export async function startSharing(
  redis: RedisServer,
  backend: number,
  settings: RedisSettings = {},
): Promise<[RunningGateway, RunningGateway]> {
  const gateways = await startTwo(redis, backend, settings);
  await connected(gateways);
  return gateways;
}

export { RedisServer };

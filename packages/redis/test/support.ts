import { parseRedisUrl } from "../src/address.ts";
import { type IoredisOptions, redisClient } from "../src/ioredis.ts";
import { KeySpace } from "../src/key-space.ts";
import { Link, type LinkParts } from "../src/link.ts";
import type { Schedule } from "../src/port.ts";
import { RedisStore, type RedisStoreParts } from "../src/redis-store.ts";
import { redisServerBinary } from "../src/testing/index.ts";

/** Timers of the real clock. */
export const schedule: Schedule = (run, ms) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

/** `describe` where there is a redis-server; elsewhere what it holds is skipped, and that is said. */
export function describeWithRedis(name: string, tests: () => void): void {
  if (redisServerBinary() !== undefined) {
    describe(name, tests);
    return;
  }
  console.warn(`skipped: "${name}", because redis-server is not on PATH (apt-get install redis-server)`);
  describe.skip(name, tests);
}

export function optionsFor(url: string, isCluster = false): IoredisOptions {
  const address = parseRedisUrl(url);
  if (address === undefined) throw new Error(`"${url}" is no URL of a Redis`);
  return { addresses: [address], isCluster, tls: { rejectUnauthorized: true }, random: Math.random };
}

export interface OpenLink {
  readonly link: Link;
  /** Resolves when Redis is in reach. */
  readonly up: Promise<void>;
}

export function openLink(options: IoredisOptions, changes: Partial<LinkParts> = {}): OpenLink {
  let told: () => void = () => undefined;
  const up = new Promise<void>((resolve) => {
    told = resolve;
  });
  const link = new Link({
    open: redisClient(options),
    timeout: 2000,
    now: Date.now,
    schedule,
    random: Math.random,
    onChange: (isUp) => isUp && told(),
    ...changes,
  });
  return { link, up };
}

let names = 0;

export function storeOver(link: Link, prefix: string, changes: Partial<RedisStoreParts> = {}): RedisStore {
  return new RedisStore({
    link,
    keys: new KeySpace(prefix),
    now: Date.now,
    newName: () => `test.${names++}`,
    ...changes,
  });
}

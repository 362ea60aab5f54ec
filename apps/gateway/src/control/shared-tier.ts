import { openSharedTier } from "@headgate/redis";
import type { Share } from "../caching/shared-cache.ts";
import type { ConfigSnapshot } from "../config/snapshot.ts";
import type { ClientTls, TlsMaterial } from "../config/tls/material.ts";
import type { Logger } from "../observability/log.ts";
import type { ControlTime } from "./control-time.ts";

export interface ShareOptions {
  readonly config: ConfigSnapshot;
  readonly tls: TlsMaterial["redis"];
  readonly time: ControlTime;
  /** Names this process, unlike any other. */
  readonly id: string;
  readonly logger: Logger;
}

/** How the cache is shared through Redis; null where the config does not ask for it, or there is no cache. */
export function shareThroughRedis({ config, tls, time, id, logger }: ShareOptions): Share | null {
  const { entries, redis } = config.cache;
  if (redis === undefined || entries === 0) return null;
  const { clock, random, schedule } = time;
  const { url: urls, cluster: isCluster, timeout, prefix, memoryTtl, objectSize } = redis;
  return ({ memory, onPurge }) =>
    openSharedTier({
      ...{ memory, onPurge, urls, isCluster, timeout, prefix, memoryTtl, objectSize },
      tls: tls ?? VERIFIED,
      ...{ id, random, schedule, now: clock.now },
      onState: (state, why) => {
        if (state === "up") logger.info("Redis is in reach: the cache is shared");
        else logger.warn({ why }, "Redis is out of reach: the cache goes on from memory alone");
      },
    });
}

const VERIFIED: ClientTls = { rejectUnauthorized: true };

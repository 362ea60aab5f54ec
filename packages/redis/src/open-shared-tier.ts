import { parseRedisUrl, type RedisAddress } from "./address.ts";
import { type IoredisOptions, redisClient, redisListener } from "./ioredis.ts";
import { KeySpace } from "./key-space.ts";
import { Leases } from "./leases.ts";
import { Link } from "./link.ts";
import { decodePurge, encodePurge } from "./messages.ts";
import { OwedPurges } from "./owed-purges.ts";
import { RedisStore } from "./redis-store.ts";
import type { SharedTier, SharedTierOptions, SharedTierStatus } from "./shared-tier.ts";
import { Subscription } from "./subscription.ts";
import { TieredStore } from "./tiered-store.ts";
import { Trust } from "./trust.ts";
import { WriteQueue } from "./write-queue.ts";

/** Everything of one tier that runs. */
interface Parts {
  readonly link: Link;
  readonly shared: RedisStore;
  readonly store: TieredStore;
  readonly leases: Leases;
  readonly trust: Trust;
  readonly queue: WriteQueue;
  readonly owed: OwedPurges;
}

interface Channels {
  readonly purges: string;
  readonly leases: string;
}

/** Connects in the background: until Redis is there, memory is all there is. Throws `TypeError` for a URL that is none. */
export function openSharedTier(options: SharedTierOptions): SharedTier {
  const { isCluster, tls, random, prefix } = options;
  const server: IoredisOptions = { addresses: readAddresses(options.urls), isCluster, tls, random };
  const channels: Channels = { purges: `${prefix}purges`, leases: `${prefix}leases` };
  const parts = buildParts(options, server, channels);
  const { store, leases, link, queue } = parts;
  const subscription = subscribe(options, server, channels, parts);
  return {
    store,
    leases,
    status: () => statusOf(parts),
    close: async () => {
      leases.close();
      await queue.settled(() => true);
      store.close();
      subscription.close();
      link.close();
    },
  };
}

function buildParts(options: SharedTierOptions, server: IoredisOptions, channels: Channels): Parts {
  const { memory, id, now, random, schedule, timeout, onState } = options;
  const keys = new KeySpace(options.prefix);
  const newName = makeNames(id);
  const trust = new Trust(options.memoryTtl);
  const queue = new WriteQueue();
  const owed = new OwedPurges();
  const link: Link = new Link({
    ...{ open: redisClient(server), timeout, now, schedule, random },
    onChange: (isUp) => {
      onState(isUp ? "up" : "down", link.state.kind === "up" ? "" : link.state.why);
      if (isUp) void store.settle();
    },
  });
  const shared = new RedisStore({ link, keys, now, newName, maxBytes: options.objectSize });
  const store: TieredStore = new TieredStore({
    ...{ memory, shared, trust, queue, owed, now, schedule },
    publish: ({ target, mode }) => link.send(["PUBLISH", channels.purges, encodePurge({ from: id, target, mode })]),
  });
  const leases = new Leases({
    ...{ link, keys, queue, schedule, random, now, newName },
    seen: store,
    channel: channels.leases,
  });
  return { link, shared, store, leases, trust, queue, owed };
}

function subscribe(
  { id, now, random, schedule, onPurge }: SharedTierOptions,
  server: IoredisOptions,
  channels: Channels,
  { store, leases, trust }: Parts,
): Subscription {
  const hearPurge = (text: string): void => {
    const purge = decodePurge(text);
    if (purge === undefined || purge.from === id) return;
    onPurge(purge.target);
    store.purgeHere(purge.target, purge.mode, now());
  };
  return new Subscription({
    ...{ open: redisListener(server), schedule, random },
    channels: { [channels.purges]: hearPurge, [channels.leases]: (key) => leases.heard(key) },
    onHearing: () => trust.hearsFrom(now()),
    onDeaf: () => trust.isDeaf(),
  });
}

function statusOf({ link, shared, store, trust, queue, owed }: Parts): SharedTierStatus {
  const { state } = link;
  return {
    state: state.kind,
    why: state.kind === "up" ? null : state.why,
    writable: link.isUp && !link.refusesWrites,
    subscribed: trust.isHearing,
    commands: link.commands,
    failures: { ...link.failures },
    hits: store.hits,
    misses: store.misses,
    unreadable: shared.unreadable,
    pendingWrites: queue.writes,
    pendingBytes: queue.bytes,
    droppedWrites: queue.dropped,
    owedPurges: owed.size,
  };
}

function readAddresses(urls: readonly string[]): [RedisAddress, ...RedisAddress[]] {
  const [first, ...rest] = urls.map((url) => {
    const address = parseRedisUrl(url);
    if (address !== undefined) return address;
    // Not the URL itself: it may hold a password.
    throw new TypeError("a Redis URL cannot be read: expected one such as redis://127.0.0.1:6379");
  });
  if (first === undefined) throw new TypeError("no Redis URL: expected at least one such as redis://127.0.0.1:6379");
  return [first, ...rest];
}

function makeNames(id: string): () => string {
  let count = 0;
  return () => `${id}.${(count++).toString(36)}`;
}

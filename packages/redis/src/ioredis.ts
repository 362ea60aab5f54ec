import { Cluster, Redis, type RedisOptions } from "ioredis";
import type { RedisAddress } from "./address.ts";
import type {
  ClientEvents,
  Command,
  Listener,
  ListenerEvents,
  OpenClient,
  OpenListener,
  RedisClient,
  Sender,
} from "./port.ts";

/** How a connection proves itself and what it trusts, as node:tls takes it. */
export interface RedisTls {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
}

export interface IoredisOptions {
  /** One; or, of a cluster, some nodes by which the others are found. */
  readonly addresses: readonly [RedisAddress, ...RedisAddress[]];
  readonly isCluster: boolean;
  /** For addresses with TLS. */
  readonly tls: RedisTls;
  /** 0 (included) to 1 (excluded). */
  readonly random: () => number;
}

/** Silence after which a connection that owes a reply is given up and opened anew, ms: its other end may be gone for good. */
const SILENCE = 3000;
const CONNECT = 3000;
const LONGEST_RETRY = 2000;

/** Back-off with jitter, ms. */
function retryDelays({ random }: IoredisOptions): (attempt: number) => number {
  return (attempt) => Math.min(LONGEST_RETRY, 50 * 2 ** Math.min(attempt, 6)) * (0.75 + random() / 4);
}

function connectionOptions({ host, port, username, password, tls }: RedisAddress, trust: RedisTls) {
  return {
    ...{ host, port, connectTimeout: CONNECT, socketTimeout: SILENCE },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: trust } : {}),
    connectionName: "headgate",
    // What could not be sent or was not answered has failed: nothing waits here for a better time.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
  } satisfies RedisOptions;
}

/** Of an error only its message: ioredis adds the command with its arguments. One of several addresses has none of its own. */
function tell(error: Error): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : String(first);
}

function sendTo(client: Redis | Cluster): (command: Command) => Promise<unknown> {
  return ([name, ...args]) => client.callBuffer(name, ...args);
}

/** Tells of a client's connection; `isReady` has the last word on whether there is one. */
function follow(
  client: Redis | Cluster,
  { connected, disconnected }: ClientEvents,
  isReady: () => Promise<unknown>,
): void {
  let trouble = "the connection was closed";
  client.on("ready", () => {
    const tellReady = (): unknown => client.status === "ready" && connected();
    isReady().then(tellReady, tellReady);
  });
  client.on("close", () => disconnected(trouble));
  const note = (error: Error): void => {
    trouble = tell(error);
  };
  client.on("error", note);
  client.on("node error", note);
}

function openSingle(options: IoredisOptions, events: ClientEvents): RedisClient {
  const [address] = options.addresses;
  const client = new Redis({
    ...connectionOptions(address, options.tls),
    db: address.db,
    retryStrategy: retryDelays(options),
    // After a fail-over the name may lead to the new primary.
    reconnectOnError: ({ message }) => message.startsWith("READONLY"),
  });
  follow(client, events, () => Promise.resolve());
  const self: Sender = { send: sendTo(client) };
  return { ...self, nodes: () => [self], close: () => client.disconnect() };
}

function openCluster(options: IoredisOptions, events: ClientEvents): RedisClient {
  const [first] = options.addresses;
  const { host: _, port: __, ...redisOptions } = connectionOptions(first, options.tls);
  const nodes = options.addresses.map(({ host, port }) => ({ host, port }));
  const cluster = new Cluster(nodes, {
    redisOptions,
    enableOfflineQueue: false,
    clusterRetryStrategy: retryDelays(options),
    clusterNodeRetryStrategy: retryDelays(options),
    slotsRefreshInterval: LONGEST_RETRY,
    // A command has milliseconds: it fails rather than wait for the cluster to come to terms.
    ...{ maxRedirections: 3, retryDelayOnFailover: 0, retryDelayOnClusterDown: 0 },
    // With TLS nodes are known by their names, which certificates are for.
    ...(first.tls ? { dnsLookup: (name, done) => done(null, name) } : {}),
  });
  // Nodes are connected to when they are first asked, and refuse what comes before that is done.
  follow(cluster, events, () => Promise.allSettled(cluster.nodes("master").map((node) => node.ping())));
  const senders = new WeakMap<Redis, Sender>();
  const senderOf = (node: Redis): Sender => {
    const sender = senders.get(node) ?? { send: sendTo(node) };
    senders.set(node, sender);
    return sender;
  };
  return {
    send: sendTo(cluster),
    nodes: () => cluster.nodes("master").map(senderOf),
    close: () => cluster.disconnect(),
  };
}

export function redisClient(options: IoredisOptions): OpenClient {
  return (events) => (options.isCluster ? openCluster : openSingle)(options, events);
}

/** Listens at one node: what is published at any node of a cluster reaches all (unless sharded, which this is not). */
export function redisListener({ addresses, tls }: IoredisOptions): OpenListener {
  return (channels, attempt, events) => {
    const address = addresses[attempt % addresses.length] ?? addresses[0];
    const client = new Redis({ ...connectionOptions(address, tls), retryStrategy: () => null });
    return listen(client, channels, events);
  };
}

function listen(client: Redis, channels: readonly string[], events: ListenerEvents): Listener {
  let trouble = "the connection was closed";
  let isOver = false;
  const end = (): boolean => {
    if (isOver) return false;
    isOver = true;
    client.disconnect();
    return true;
  };
  client.on("error", (error) => {
    trouble = tell(error);
  });
  client.on("end", () => end() && events.lost(trouble));
  client.on("message", (channel: string, text: string) => !isOver && events.message(channel, text));
  client.on("ready", () => {
    client.subscribe(...channels).then(
      () => !isOver && events.subscribed(),
      (error: Error) => end() && events.lost(tell(error)),
    );
  });
  return { ping: () => client.ping(), close: end };
}

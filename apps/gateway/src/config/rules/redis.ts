import { parseRedisUrl } from "@headgate/redis";
import type { Finding } from "../errors.ts";
import type { ParsedConfig } from "../schema.ts";
import { type Rule, verdict } from "./rule.ts";

type Redis = NonNullable<ParsedConfig["cache"]["redis"]>;

const PATH = ["cache", "redis"] as const;

/** Several addresses are of one cluster, which has one database and one way to be reached. */
function addresses({ url, cluster }: Redis): Finding[] {
  const parsed = url.map(parseRedisUrl);
  if (!cluster) {
    if (url.length === 1) return [];
    const expected = "one URL, or nodes of a cluster with cache.redis.cluster: true";
    return [{ path: [...PATH, "url"], found: `${url.length} URLs`, expected }];
  }
  return parsed.flatMap((address, index): Finding[] => {
    const path = [...PATH, "url", index];
    if (address?.db !== 0) return [{ path, found: `database ${address?.db}`, expected: "none: a cluster has one" }];
    if (address.tls === parsed[0]?.tls) return [];
    return [{ path, found: address.tls ? "rediss" : "redis", expected: "the same scheme for all nodes" }];
  });
}

function certificate({ tls: { cert, key } }: Redis): Finding[] {
  if ((cert === undefined) === (key === undefined)) return [];
  const [missing, present] = cert === undefined ? (["cert", "key"] as const) : (["key", "cert"] as const);
  const expected = `a file, since cache.redis.tls.${present} is set`;
  return [{ path: [...PATH, "tls", missing], found: "nothing", expected }];
}

function warnings({ url, tls }: Redis): string[] {
  const isEncrypted = url.some((each) => parseRedisUrl(each)?.tls === true);
  if (isEncrypted && !tls.verify)
    return [
      "cache.redis.tls.verify is false: whoever can stand between here and Redis can read and change what is cached.",
    ];
  const isSet = tls.ca ?? tls.cert ?? tls.servername;
  return isSet !== undefined && !isEncrypted
    ? ["cache.redis.tls is not used: the URL says redis://, and rediss:// asks for TLS."]
    : [];
}

/** What Redis is told fits together. */
export const soundRedis: Rule = ({ cache }) => {
  const redis = cache?.redis;
  return redis === undefined ? verdict() : verdict([...addresses(redis), ...certificate(redis)], warnings(redis));
};

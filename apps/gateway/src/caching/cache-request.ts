import { type CachePolicy, type CacheRequest, type Demands, NO_DEMANDS, readDemands } from "@headgate/cache";
import { Fact, type FieldSection, isSafe } from "@headgate/http";
import type { Exchange } from "../exchange.ts";
import { cacheHost } from "./cache-host.ts";

/** By which rules an exchange is cached. */
export interface CachingRules {
  readonly policy: CachePolicy;
  /** The pool that what is stored belongs to, where its URL may be answered by another too; undefined where not. */
  readonly origin: string | undefined;
}

/**
 * The rules that hold, which are null where nothing is cached: an unsafe method invalidates what GET of the same URL has
 * stored, whatever its own route is.
 */
export function cachingRulesOf({ route, pool, head, generation, host, pathname, path }: Exchange): CachingRules | null {
  const { method, fields } = head;
  const rules = method === "GET" || isSafe(method) ? route : generation.route(host, pathname, "GET", fields, path);
  const policy = rules?.cache ?? null;
  return policy === null ? null : { policy, origin: rules?.partitioned === true ? pool?.name : undefined };
}

/** What a section demands of caches, and the policy under which it was last asked for that. */
interface Demanded {
  policy: CachePolicy | null;
  demands: Demands;
}

const DEMANDED: Fact<Demanded> = new Fact(() => ({ policy: null, demands: NO_DEMANDS }));

/** The demands of a request's fields: the same for all requests of a section, as long as their routes cache alike. */
export function demandsOf(section: FieldSection, policy: CachePolicy): Demands {
  const demanded = section.of(DEMANDED);
  if (demanded.policy !== policy) {
    demanded.policy = policy;
    demanded.demands = readDemands(section.list, policy);
  }
  return demanded.demands;
}

/** An exchange's request as the cache sees it. */
export function cacheRequest(
  { head, host, path, identity }: Exchange,
  { origin }: CachingRules,
  hasBody: boolean,
  bodyDigest: string | undefined,
): CacheRequest {
  const { method, scheme, fields } = head;
  return { method, scheme, host: cacheHost(host, scheme), path, fields, identity, hasBody, bodyDigest, origin };
}

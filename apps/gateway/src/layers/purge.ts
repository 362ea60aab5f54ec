import { type CacheStore, type PurgeTarget, purgesOfTags, urlKeys } from "@headgate/cache";
import { getField } from "@headgate/http";
import { cacheHost } from "../caching/cache-host.ts";
import { policiesOf } from "../caching/policies-of.ts";
import type { Clock } from "../clock.ts";
import type { Exchange } from "../exchange.ts";
import { GatewayError } from "../gateway-error.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import type { Layer } from "../layer.ts";

export interface PurgeParts {
  readonly store: Pick<CacheStore, "purge">;
  readonly clock: Clock;
}

/**
 * Answers PURGE requests, as Varnish and Squid take them: all variants of the URL, or of the tags that a Surrogate-Key or
 * Cache-Tag field names; `Purge-Mode: soft` makes them stale instead of taking them away.
 */
export function purge(parts: PurgeParts): Layer {
  return {
    name: "purge",
    enter(exchange) {
      if (exchange.head.method !== "PURGE") return undefined;
      checkAllowed(exchange);
      return answer(exchange, parts);
    },
  };
}

function checkAllowed({ route, client }: Exchange): void {
  if (route === null || route.mayPurge === null) {
    throw new GatewayError(
      "method-not-allowed",
      "This route takes no PURGE; its config allows it by `cache: { purge: { from: [...] } }`.",
    );
  }
  if (!route.mayPurge(client)) throw new GatewayError("forbidden", `PURGE is not allowed from ${client}.`);
}

async function answer(exchange: Exchange, { store, clock }: PurgeParts): Promise<GatewayResponse> {
  const mode = getField(exchange.head.fields, "purge-mode")?.toLowerCase() === "soft" ? "soft" : "hard";
  let purged = 0;
  for (const target of targetsOf(exchange)) purged += await store.purge(target, mode, clock.now());
  const body = Buffer.from(JSON.stringify({ purged, mode }));
  const fields = [
    "Content-Type",
    "application/json",
    "Content-Length",
    String(body.length),
    "Cache-Control",
    "no-store",
  ];
  return { status: 200, fields, body, source: "gateway", backend: null };
}

function targetsOf({ head, host, path, pathname, generation }: Exchange): PurgeTarget[] {
  const tags = getField(head.fields, "surrogate-key") ?? getField(head.fields, "cache-tag");
  if (tags !== undefined) return purgesOfTags(tags);
  const target = { scheme: head.scheme, host: cacheHost(host, head.scheme), path };
  const keys = urlKeys(target, policiesOf(generation.routesOf(host, pathname, "GET")));
  return keys.map((key) => ({ kind: "url", key }));
}

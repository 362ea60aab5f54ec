import { createKeyRing, createTrust } from "@headgate/admission";
import { compileRoutes, type PoolDirectory } from "./compile-routes.ts";
import type { ConfigSnapshot } from "./config/snapshot.ts";
import type { Generation } from "./generation.ts";
import { createRouter } from "./routing.ts";
import { OWN_FIELDS } from "./upstream/request-fields.ts";

/** The gateway's own secrets. */
export interface Secrets {
  /** Random text of this process, mixed into the digests of API keys. */
  readonly secret: string;
  /** Signs cookies for which the config names no secret; asked only where there is one. */
  readonly signing: () => string;
}

/** Settles everything that requests need of a config. */
export function buildGeneration(
  config: ConfigSnapshot,
  pools: PoolDirectory,
  { secret, signing }: Secrets,
): Generation {
  const keys = createKeyRing(config.auth.apiKeys, secret);
  const trusted = createTrust(config.trustedProxies);
  const keyField = config.auth.header.toLowerCase();
  return {
    config,
    ...createRouter(compileRoutes(config, pools, signing)),
    keyField,
    withheldFields: OWN_FIELDS.with(keyField),
    identify: (presented) => keys.identify(presented),
    isTrusted: config.trustedProxies.length === 0 ? () => false : trusted,
  };
}

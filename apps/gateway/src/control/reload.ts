import { isDeepStrictEqual } from "node:util";
import type { ConfigSnapshot } from "../config/snapshot.ts";
import type { ServerTls, TlsMaterial } from "../config/tls/material.ts";
import type { ConfigChange } from "../config/watch.ts";
import { UserError } from "../errors.ts";
import type { Logger } from "../observability/log.ts";
import type { GatewayState } from "./gateway-state.ts";
import { listenError, listenerPlaces } from "./listen-error.ts";
import type { PoolRegistry } from "./pool-registry.ts";

/** What of the data plane follows a new config. */
export interface ReloadTarget {
  apply(config: ConfigSnapshot, tls: TlsMaterial): void;
  listen(config: ConfigSnapshot, tls: readonly (ServerTls | undefined)[]): Promise<unknown>;
}

export interface ReloadParts {
  readonly state: GatewayState;
  readonly pools: Pick<PoolRegistry, "apply">;
  readonly target: ReloadTarget;
  /** Reads the certificates and keys of a config; throws `UserError`. */
  readonly loadTls: (config: ConfigSnapshot) => Promise<TlsMaterial>;
  readonly logger: Logger;
}

/** What is read once, at the start. */
function readAtStart({ admin, cache, compression, log, workers }: ConfigSnapshot): Readonly<Record<string, unknown>> {
  return {
    admin,
    "cache.entries": cache.entries,
    "cache.memory": cache.memory,
    "cache.redis": cache.redis,
    "compression.memory": compression.memory,
    log,
    workers,
  };
}

/** Brings a running gateway to each new version of its config, or leaves it as it is and tells why. */
export class Reload {
  readonly #parts: ReloadParts;
  #tls: TlsMaterial;
  /** Those of the config that runs: told already. */
  #warnings: readonly string[];

  /** @param started what the gateway was started with, beside `state.config` */
  constructor(parts: ReloadParts, started: { readonly tls: TlsMaterial; readonly warnings: readonly string[] }) {
    const { tls, warnings } = started;
    this.#parts = parts;
    this.#tls = tls;
    this.#warnings = warnings;
  }

  /** Takes a change of the file over: build new, swap, drain old. */
  async follow(change: ConfigChange): Promise<void> {
    const { state, loadTls, logger } = this.#parts;
    if (change.kind === "refused") return this.#refuse(change.error);
    try {
      const { snapshot, warnings } = change.config;
      const tls = await loadTls(snapshot);
      if (state.phase === "stopping") return;
      const same = isDeepStrictEqual(snapshot, state.config) && isDeepStrictEqual(tls, this.#tls);
      if (same && state.reloadError === null) return;
      // A port that could not be opened again after a refused change may be free by now.
      if (same) await this.#moveListeners(snapshot, tls);
      else await this.#swap(snapshot, tls);
      state.reloadError = null;
      this.#warn(warnings);
      logger.info(same ? "config is again the one that runs" : "config reloaded");
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#refuse(error);
    }
  }

  /** The listeners first: they are all that can still fail. */
  async #swap(config: ConfigSnapshot, tls: TlsMaterial): Promise<void> {
    const { state, pools, target, logger } = this.#parts;
    await this.#moveListeners(config, tls);
    const retire = pools.apply(config, tls.pools);
    target.apply(config, tls);
    retire();
    const before = readAtStart(state.config);
    for (const [key, value] of Object.entries(readAtStart(config))) {
      if (!isDeepStrictEqual(value, before[key])) logger.warn(`${key} changed: it takes effect at the next start`);
    }
    state.config = config;
    this.#tls = tls;
  }

  async #moveListeners(config: ConfigSnapshot, tls: TlsMaterial): Promise<void> {
    try {
      await this.#parts.target.listen(config, tls.listeners);
    } catch (error) {
      throw listenError(error, listenerPlaces(config));
    }
  }

  #warn(warnings: readonly string[]): void {
    for (const warning of warnings) if (!this.#warnings.includes(warning)) this.#parts.logger.warn(warning);
    this.#warnings = warnings;
  }

  #refuse({ message }: UserError): void {
    const { state, logger } = this.#parts;
    state.reloadError = message;
    for (const line of message.split("\n")) logger.error(`config refused, the one before still runs: ${line}`);
  }
}

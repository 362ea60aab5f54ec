import { type PurgeTarget, purgeOfPrefix, purgesOfUrl, type StoreStats } from "@headgate/cache";
import type { CacheAdmin, CacheStats, PurgeMode, PurgeSelector } from "../admin/cache-admin.ts";
import type { Clock } from "../clock.ts";
import { UserError } from "../errors.ts";
import type { Generation } from "../generation.ts";
import type { FillBudget } from "./fill-budget.ts";
import type { GuardedStore } from "./guarded-store.ts";
import { policiesOf } from "./policies-of.ts";
import type { RefreshTally } from "./refresh-tally.ts";
import type { SharedCache } from "./shared-cache.ts";

export interface StoreAdminParts {
  readonly store: GuardedStore;
  readonly budget: FillBudget;
  readonly refreshes: RefreshTally;
  readonly clock: Clock;
  readonly generation: () => Generation;
  /** Null where memory is all there is. */
  readonly shared: SharedCache | null;
}

/** What the admin API may do with the store of a running gateway. */
export class StoreAdmin implements CacheAdmin {
  readonly #store: GuardedStore;
  readonly #budget: FillBudget;
  readonly #refreshes: RefreshTally;
  readonly #clock: Clock;
  readonly #generation: () => Generation;
  readonly #shared: SharedCache | null;
  #last: StoreStats = { entries: 0, bytes: 0, maxEntries: 0, maxBytes: 0, evicted: 0 };

  constructor({ store, budget, refreshes, clock, generation, shared }: StoreAdminParts) {
    this.#shared = shared;
    this.#store = store;
    this.#budget = budget;
    this.#refreshes = refreshes;
    this.#clock = clock;
    this.#generation = generation;
  }

  stats(): CacheStats {
    const now = this.#store.stats();
    if (!(now instanceof Promise)) this.#last = now;
    const { evicted, ...rest } = this.#last;
    const { pending: filling } = this.#store;
    return {
      ...rest,
      evictions: evicted,
      filling,
      fillingBytes: this.#budget.used,
      refreshes: this.#refreshes.counts,
      redis: this.#shared?.status() ?? null,
    };
  }

  async purge(selector: PurgeSelector, mode: PurgeMode): Promise<number> {
    let purged = 0;
    for (const target of this.#targets(selector)) purged += await this.#store.purge(target, mode, this.#clock.now());
    return purged;
  }

  #targets(selector: PurgeSelector): PurgeTarget[] {
    switch (selector.kind) {
      case "all":
      case "tag":
        return [selector];
      case "prefix": {
        const target = purgeOfPrefix(selector.prefix);
        if (target === undefined)
          throw new UserError(
            `"${selector.prefix}" is no prefix of URLs: expected a whole origin at least, such as https://localhost:8443/images/`,
          );
        return [target];
      }
      case "url":
        return this.#urlTargets(selector.url);
    }
  }

  /** The keys of a URL depend on what its routes make of queries. */
  #urlTargets(text: string): PurgeTarget[] {
    const url = URL.parse(text);
    const routes = url === null ? [] : this.#generation().routesOf(url.host, url.pathname, "GET");
    const policies = policiesOf(routes);
    if (routes.length > 0 && policies.length === 0)
      throw new UserError(`Nothing is stored for "${text}": its route does not cache.`);
    const targets = purgesOfUrl(text, policies);
    if (targets.length === 0)
      throw new UserError(
        `"${text}" is no URL that a route takes: expected one such as https://localhost:8443/test?x=1`,
      );
    return targets;
  }
}

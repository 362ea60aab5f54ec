import { type BackendId, type StickyCookie, StickyTokens } from "@headgate/balancer";
import { Sessions } from "../upstream/sessions.ts";
import { SAME_SITE } from "../upstream/token-cookie.ts";
import type { PoolConfig } from "./connection-options.ts";

type StickyConfig = Exclude<PoolConfig["sticky"], false>;

/** The sticky sessions of one pool over all versions of its config. */
export class PoolSessions {
  readonly #pool: string;
  readonly #ownSecret: () => string;
  #tokens: StickyTokens | null = null;
  #secret = "";
  #ids: readonly BackendId[] = [];

  /** @param ownSecret signs where the config names no secret; asked only then */
  constructor(pool: string, ownSecret: () => string) {
    this.#pool = pool;
    this.#ownSecret = ownSecret;
  }

  /** What the data plane uses; null where the config wants none. */
  configure(sticky: PoolConfig["sticky"]): Sessions | null {
    if (sticky === false) {
      this.#tokens = null;
      return null;
    }
    const secret = sticky.secret ?? this.#ownSecret();
    if (this.#tokens === null || secret !== this.#secret) {
      this.#secret = secret;
      this.#tokens = new StickyTokens(secret, this.#pool);
      this.#tokens.replace(this.#ids);
    }
    return new Sessions(this.#tokens, cookieOf(sticky));
  }

  /** Sessions of any other backend than these are handed over from now on. */
  replace(ids: readonly BackendId[]): void {
    this.#ids = ids;
    this.#tokens?.replace(ids);
  }
}

function cookieOf({ cookie: name, lifetime, path, sameSite, secure }: StickyConfig): StickyCookie {
  return { name, lifetime, path, sameSite: SAME_SITE[sameSite], secure };
}

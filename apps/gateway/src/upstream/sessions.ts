import type { BackendId, StickyCookie, StickyTokens } from "@headgate/balancer";
import type { FieldList } from "@headgate/http";
import { TokenCookie } from "./token-cookie.ts";

/** One client's session during one exchange. */
export interface Session {
  /** The backend its cookie stands for; undefined without one, or where that has left. */
  readonly pinned: BackendId | undefined;
  /** The backend that it is pinned to from now on; null where that does not change. */
  assigned: BackendId | null;
}

/** The sticky sessions of one pool: which backend a client's cookie stands for, and the cookie for a backend. */
export class Sessions {
  readonly #tokens: StickyTokens;
  readonly #cookie: TokenCookie;

  /** @param cookie without `secure`, it is Secure where the request came by https */
  constructor(tokens: StickyTokens, cookie: StickyCookie) {
    this.#tokens = tokens;
    this.#cookie = new TokenCookie(cookie);
  }

  /** The session of a request. Its cookie is taken out of `fields`: it is of no concern to cache and backends. */
  take(fields: FieldList): Session {
    const token = this.#cookie.take(fields);
    return { pinned: token === undefined ? undefined : this.#tokens.find(token), assigned: null };
  }

  /** The Set-Cookie value that pins a client to a backend. */
  pin(backend: BackendId, scheme: "http" | "https"): string {
    return this.#cookie.give(this.#tokens.tokenOf(backend), scheme);
  }
}

import { type BackendId, readCookie, type StickyCookie, type StickyTokens, setStickyCookie } from "@headgate/balancer";
import { type FieldList, getFields, removeField } from "@headgate/http";

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
  readonly #cookie: StickyCookie;

  /** @param cookie without `secure`, it is Secure where the request came by https */
  constructor(tokens: StickyTokens, cookie: StickyCookie) {
    this.#tokens = tokens;
    this.#cookie = cookie;
  }

  /** The session of a request. Its cookie is taken out of `fields`: it is of no concern to cache and backends. */
  take(fields: FieldList): Session {
    const token = takeCookie(fields, this.#cookie.name);
    return { pinned: token === undefined ? undefined : this.#tokens.find(token), assigned: null };
  }

  /** The Set-Cookie value that pins a client to a backend. */
  pin(backend: BackendId, scheme: "http" | "https"): string {
    const { secure = scheme === "https" } = this.#cookie;
    return setStickyCookie({ ...this.#cookie, secure }, this.#tokens.tokenOf(backend));
  }
}

/** Takes a cookie out of a request's fields, and gives its value; all others stay as they were sent. */
function takeCookie(fields: FieldList, name: string): string | undefined {
  const lines = getFields(fields, "cookie");
  const values = lines.map((line) => readCookie(line, name));
  const found = values.find((value) => value !== undefined);
  if (found === undefined) return undefined;
  removeField(fields, "cookie");
  for (const [index, line] of lines.entries()) {
    const rest = values[index] === undefined ? line : without(line, name);
    if (rest !== "") fields.push("Cookie", rest);
  }
  return found;
}

function without(line: string, name: string): string {
  const others = line.split(";").filter((pair) => pair.split("=", 1)[0]?.trim() !== name);
  return others.join(";").trim();
}

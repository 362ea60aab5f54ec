import { readCookie, type StickyCookie, setStickyCookie } from "@headgate/balancer";
import { type FieldList, getFields, removeField } from "@headgate/http";

/** Values of SameSite by their names in the config. */
export const SAME_SITE = { strict: "Strict", lax: "Lax", none: "None" } as const;

/** A cookie of the gateway's own, by which it knows a client again. */
export class TokenCookie {
  readonly #cookie: StickyCookie;

  /** @param cookie without `secure`, it is Secure where the request came by https */
  constructor(cookie: StickyCookie) {
    this.#cookie = cookie;
  }

  /** Its value in a request. It is taken out of `fields`: it is of no concern to cache and backends. */
  take(fields: FieldList): string | undefined {
    const { name } = this.#cookie;
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

  /** The Set-Cookie value that gives it to a client. */
  give(token: string, scheme: "http" | "https"): string {
    const { secure = scheme === "https" } = this.#cookie;
    return setStickyCookie({ ...this.#cookie, secure }, token);
  }
}

function without(line: string, name: string): string {
  const others = line.split(";").filter((pair) => pair.split("=", 1)[0]?.trim() !== name);
  return others.join(";").trim();
}

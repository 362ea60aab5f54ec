import { z } from "zod";
import { ttl } from "./cache.ts";
import { duration, flag, size, text, token } from "./fields.ts";

const names = (what: string) => z.array(text(/^\S+$/, what), { error: `a list of ${what}s` });
const fieldNames = () => z.array(token("a field name"), { error: "a list of field names" });

const query = z
  .union(
    [
      z.enum(["all", "none"]),
      z.strictObject({
        allow: names("parameter name").describe("Only these count; a `*` at the end stands for any rest."),
      }),
      z.strictObject({ deny: names("parameter name").describe("All but these count, such as `utm_*`.") }),
    ],
    { error: "all, none, { allow: [...] } or { deny: [...] }" },
  )
  .optional()
  .describe("Which query parameters make different entries: `all` unless set.");

const key = z
  .strictObject({
    query,
    sortQuery: flag().optional().describe("Takes `?a=1&b=2` and `?b=2&a=1` for the same. Default false."),
    cookies: names("cookie name")
      .optional()
      .describe(
        "Cookies whose values make different entries; all others do not matter. Without it requests with cookies get no response that has no explicit lifetime.",
      ),
    headers: fieldNames()
      .optional()
      .describe("Request fields whose values make different entries, beside those that Vary names."),
  })
  .optional()
  .describe("What tells one entry from another, beside method, scheme, host and path.");

const bypass = z
  .strictObject({
    headers: fieldNames().optional().describe("Requests with one of these fields go past the cache."),
    cookies: names("cookie name").optional().describe("Requests with one of these cookies do."),
    query: names("parameter name").optional().describe("Requests with one of these query parameters do."),
  })
  .optional()
  .describe("Which requests go past the cache.");

const purge = z
  .strictObject({
    from: z
      .array(text(/^[0-9a-fA-F:.]+(\/\d+)?$/, "an address or a range such as 10.0.0.0/8"), {
        error: "a list of addresses",
      })
      .prefault(["127.0.0.1", "::1"])
      .describe("Addresses of the clients that may; all others get 403."),
  })
  .optional()
  .describe(
    "Lets `PURGE` requests take a URL's entries out of the cache; without it PURGE is 405. The route's `auth` holds for them too.",
  );

/** How one route caches; what is not named is as in `cache`. */
export const routeCache = z.strictObject({
  ttl: ttl().optional().describe("In place of `cache.ttl`, for this route."),
  objectSize: size().optional().describe("In place of `cache.objectSize`, for this route."),
  keep: duration()
    .optional()
    .describe("How long an expired entry is kept to be validated, or for when no backend answers. Default 1h."),
  setCookie: z
    .enum(["explicit", "refuse", "strip", "store"], { error: "explicit, refuse, strip or store" })
    .optional()
    .describe(
      "Responses with Set-Cookie: `explicit` stores those that say for how long themselves, `refuse` none, `strip` all without the field, `store` all. Default explicit.",
    ),
  ignoreRequestControl: flag()
    .optional()
    .describe("Takes no notice of Cache-Control and Pragma of requests. Default false."),
  key,
  bypass,
  purge,
});

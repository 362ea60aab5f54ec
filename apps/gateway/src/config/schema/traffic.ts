import { z } from "zod";
import { signedCookie } from "./cookie.ts";
import { count, duration, share, text } from "./fields.ts";

const poolName = () => z.string({ error: "a pool's name" });

const side = z.strictObject({
  pool: poolName().describe("Pool that takes the share."),
  weight: count(0, 1_000_000).prefault(1).describe("Its share, relative to the others'; 0 for none."),
});

/** Several pools for one route. */
export const split = z
  .array(side, { error: "a list of pools with weights" })
  .min(1, "at least one pool")
  .optional()
  .describe("In place of `pool`: shares the requests out over several pools by weight, as for a canary.");

const byCookie = z.strictObject(signedCookie("hg_split"));

const byHash = z.strictObject({
  by: z
    .enum(["client", "header", "cookie", "query"])
    .describe("Key: the client's address, a header field, a cookie or a query parameter."),
  name: text(/^[^\s=;,&]+$/, "the name of a header field, cookie or query parameter")
    .optional()
    .describe("Name of the field, cookie or parameter. A request without it is drawn anew."),
});

/** How clients are kept on their side. */
export const assign = z
  .union([z.literal(false), byHash, byCookie], {
    error: "an object such as { cookie: hg_split, lifetime: 1h } or { by: client }, or false",
  })
  .optional()
  .describe(
    "Keeps a client at its pool of a `split`: by a signed cookie, by a hash of what it brings, or not at all (`false`). A cookie called hg_split unless set. One whose pool has left the split, or lost all its weight, gets another.",
  );

/** What a split goes by that says nothing of it. */
export const DEFAULT_ASSIGN: z.output<typeof byCookie> = byCookie.parse({});

export const mirror = z
  .strictObject({
    pool: poolName().describe("Pool that gets the copies. Its answers are thrown away."),
    share: share().prefault("100%").describe("Share of the requests that are copied."),
    timeout: duration()
      .prefault("5s")
      .describe("Longest that a copy takes, its answer's body included; then it is broken off."),
    limit: count(1, 100_000)
      .prefault(100)
      .describe("Copies on their way to the pool at once; what is over is not copied."),
  })
  .optional()
  .describe(
    "Copies requests that go upstream (not those that the cache answers, nor upgrades) to another pool, once each and without retries, to no effect on the client. Content is copied where it is held whole, by `limits.replay`.",
  );

type Assign = z.output<typeof assign>;

/** What is wrong with the name of a hash's key; undefined where nothing is. */
export function keyNameFault(assigned: Assign): string | undefined {
  if (assigned === undefined || assigned === false || !("by" in assigned)) return undefined;
  const { by, name } = assigned;
  if (by === "client") return name === undefined ? undefined : "no name, since the key is the client's address";
  return name === undefined ? `the name of the ${by} that is the key` : undefined;
}

import type { Finding } from "../errors.ts";
import type { ParsedConfig } from "../schema.ts";
import { type Rule, repeats, verdict } from "./rule.ts";

type Pool = ParsedConfig["pools"][string];

const poolRule =
  (findings: (pool: Pool, name: string) => Finding[], warning: (pool: Pool, name: string) => string | false): Rule =>
  ({ pools = {} }) => {
    const entries = Object.entries(pools);
    return verdict(
      entries.flatMap(([name, pool]) => findings(pool, name)),
      entries.flatMap(([name, pool]) => warning(pool, name) || []),
    );
  };

/** A backend stands in its pool once; its share is its weight. */
export const distinctBackends: Rule = poolRule(
  ({ backends }, name) =>
    repeats(backends, ({ url }) => url).map(({ index, first }) => ({
      path: ["pools", name, "backends", index],
      found: `${backends[index]?.url} a second time`,
      expected: "each backend once",
      hint: `to give it a larger share, set the weight of backends[${first}]`,
    })),
  ({ backends, discovery }, name) =>
    backends.length === 0 &&
    discovery === undefined &&
    `pools.${name}.backends is empty: the pool answers 503 until the admin API adds a backend.`,
);

/** A client certificate is of use only with its key. */
export const certificateWithKey: Rule = poolRule(
  ({ tls }, name) => {
    if ((tls.cert === undefined) === (tls.key === undefined)) return [];
    const [missing, present] = tls.cert === undefined ? (["cert", "key"] as const) : (["key", "cert"] as const);
    return [
      {
        path: ["pools", name, "tls", missing],
        found: "nothing",
        expected: `a file, since pools.${name}.tls.${present} is set`,
      },
    ];
  },
  ({ tls }, name) =>
    !tls.verify &&
    `pools.${name}.tls.verify is false: whoever can stand between here and these backends can read and change everything.`,
);

/** Browsers drop a cookie of SameSite=None that is not Secure. */
export const crossSiteSecure: Rule = poolRule(
  ({ sticky }, name) => {
    if (sticky === false || sticky.sameSite !== "none" || sticky.secure === true) return [];
    const expected = `true, since pools.${name}.sticky.sameSite is none`;
    return [{ path: ["pools", name, "sticky", "secure"], found: String(sticky.secure ?? "nothing"), expected }];
  },
  () => false,
);

/** A key of consistent hashing has one backend, whichever gateway it comes to. */
export const subsetOfAlike: Rule = poolRule(
  ({ balancing, subset }, name) => {
    if (subset === false || typeof balancing === "string") return [];
    const hint =
      "of other gateways' subsets a key would get another backend; least-connections or peak-ewma go well with it";
    return [
      { path: ["pools", name, "subset"], found: `${subset.size}`, expected: "none beside consistent-hash", hint },
    ];
  },
  () => false,
);

/** An attempt may not take longer than all of them. */
export const orderedTimeouts: Rule = poolRule(
  () => [],
  ({ timeouts: { perTry, total } }, name) =>
    perTry !== undefined &&
    total !== undefined &&
    perTry >= total &&
    `pools.${name}.timeouts.perTry is not below timeouts.total: no time is left for a second attempt.`,
);

import { z } from "zod";
import { signedCookie } from "./cookie.ts";
import { count, duration, factor, share, text } from "./fields.ts";

const POLICIES = [
  "round-robin",
  "weighted-round-robin",
  "least-connections",
  "random",
  "power-of-two",
  "peak-ewma",
  "load-aware",
] as const;

const KEYS = ["client", "header", "cookie", "query", "path"] as const;

/** What a key is taken from that has names. */
const NAMED: ReadonlySet<string> = new Set(["header", "cookie", "query"]);

const consistentHash = z
  .strictObject({
    policy: z.literal("consistent-hash").describe("The same key goes to the same backend while that is there."),
    on: z
      .enum(KEYS)
      .prefault("client")
      .describe("Key: the client's address, a header field, a cookie, a query parameter, or the path."),
    name: text(/^[^\s=;,&]+$/, "the name of a header field, cookie or query parameter")
      .optional()
      .describe("Name of the field, cookie or parameter. A request without it is sent to any backend."),
    table: z
      .enum(["ring", "maglev"])
      .prefault("ring")
      .describe("`ring` (ketama) moves the fewest keys when backends change, `maglev` spreads more evenly."),
    bound: factor(1, 10)
      .optional()
      .describe(
        "The most that one backend takes, as a multiple of its fair share of the requests in flight; what is over goes to the next. Without it: no bound.",
      ),
  })
  .superRefine(({ on, name }, context) => {
    if (NAMED.has(on) && name === undefined)
      context.addIssue({ code: "custom", path: ["name"], message: `the name of the ${on} that is the key` });
    if (!NAMED.has(on) && name !== undefined)
      context.addIssue({ code: "custom", path: ["name"], message: `no name, since the key is the ${on}` });
  });

export const balancing = z
  .union([z.enum(POLICIES), consistentHash], {
    error: `${POLICIES.join(", ")} or { policy: consistent-hash, on: client, … }`,
  })
  .prefault("round-robin")
  .describe("How a backend is chosen for each attempt: a policy's name, or consistent hashing with its key.");

const subsetSize = count(1, 100_000);

export const subset = z
  .union(
    [
      z.literal(false),
      subsetSize,
      z.strictObject({
        size: subsetSize.describe("How many backends of each priority and zone are used."),
        gateway: text(/^\S+$/, "a name without spaces")
          .optional()
          .describe(
            "Name of this gateway: others of the same name use the same backends. Without it: the host's name.",
          ),
      }),
    ],
    { error: "a number of backends such as 20, an object with size and gateway, or false" },
  )
  .transform((written): false | { readonly size: number; readonly gateway?: string | undefined } =>
    typeof written === "number" ? { size: written } : written,
  )
  .prefault(false)
  .describe(
    "Uses only so many of a large pool's backends, each gateway others, and the rest where these cannot serve; so each backend has connections from few gateways.",
  );

export const slowStart = z
  .union(
    [
      z.literal(false),
      duration(),
      z.strictObject({
        window: duration().describe("How long it takes to come back to the full weight."),
        aggression: factor(0.1, 10).prefault(1).describe("1 rises evenly; above it the share rises faster at first."),
        floor: share(0.01).prefault("10%").describe("Share of its weight that a backend begins with."),
      }),
    ],
    { error: "a duration such as 30s, an object with window, aggression and floor, or false" },
  )
  .prefault(false)
  .describe("Brings a backend that returns or joins back to its full weight little by little.");

export const sticky = z
  .union([z.literal(false), z.strictObject(signedCookie("hg_backend"))], {
    error: "an object such as { cookie: hg_backend, lifetime: 1h }, or false",
  })
  .prefault(false)
  .describe(
    "Keeps a client at the backend that answered it first, by a signed cookie. One whose backend is gone or ejected gets another; one that drains keeps its clients.",
  );

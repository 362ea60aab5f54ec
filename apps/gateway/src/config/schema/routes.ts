import { z } from "zod";
import { flag, text, token } from "./fields.ts";
import { matches } from "./matches.ts";
import { routeCache } from "./route-cache.ts";
import { assign, keyNameFault, mirror, split } from "./traffic.ts";

const cache = z
  .union([flag(), routeCache], { error: "true, false or an object such as { ttl: 60s }" })
  .prefault(true)
  .describe("Answers from the cache and stores in it: `true`, `false`, or an object with rules of its own.");

/** Where routes lead that name no pool. */
export const DEFAULT_POOL = "default";

const route = z
  .strictObject({
    path: text(/^\/[^\s?#]*$/, "a path that starts with / and has no query")
      .transform((path) => (path === "/" ? path : path.replace(/\/+$/, "") || "/"))
      .prefault("/")
      .describe(
        "Prefix of the request's path, by whole segments: `/api` matches `/api` and `/api/users`, not `/apix`.",
      ),
    host: text(
      /^(\*\.)?[0-9A-Za-z_-]+(\.[0-9A-Za-z_-]+)*$|^\[[0-9A-Fa-f:.]+\]$/,
      "a host name without a port, or *.example.com",
    )
      .toLowerCase()
      .optional()
      .describe("Only requests for this host, whatever the port; `*.example.com` matches any name below example.com."),
    methods: z
      .array(token("a method").toUpperCase(), { error: "a list of methods such as [GET, HEAD]" })
      .min(1, "at least one method")
      .optional()
      .describe("Only these methods. Without it: all."),
    ...matches,
    pool: z
      .string({ error: "a pool's name" })
      .optional()
      .describe("Pool that serves the route. Without it and without `split`: `default`."),
    split,
    assign,
    mirror,
    auth: z
      .enum(["api-key", "none"])
      .prefault("api-key")
      .describe("What a client must show: one of `auth.apiKeys`, or nothing."),
    cache,
    compression: flag().prefault(true).describe("Compresses text-like responses for clients that accept it."),
    idempotencyKey: flag()
      .prefault(false)
      .describe(
        "Retries any method whose request has an Idempotency-Key field, as if it were idempotent: for backends that run a key once.",
      ),
  })
  .superRefine(({ pool, split, assign }, context) => {
    const fault = (key: string | string[], message: string): void =>
      context.addIssue({ code: "custom", path: [key].flat(), message });
    const keyName = keyNameFault(assign);
    if (keyName !== undefined) fault(["assign", "name"], keyName);
    if (split === undefined && assign !== undefined) fault("assign", "no assign, since there is no split");
    if (split !== undefined && pool !== undefined) fault("pool", "no pool, since split names several");
    if (split?.every(({ weight }) => weight === 0)) fault("split", "one weight above 0");
  });

export const routes = z
  .array(route, { error: "a list of routes" })
  .min(1, "at least one route")
  .prefault([{ path: "/" }])
  .describe(
    "Which requests go where, and under which rules. The first that matches wins; without a match the answer is 404.",
  );

import { z } from "zod";
import { backends, zone } from "./backends.ts";
import { balancing, slowStart, sticky, subset } from "./balancing.ts";
import { clientTls } from "./client-tls.ts";
import { discovery } from "./discovery.ts";
import { duration, share, text } from "./fields.ts";
import { health } from "./health.ts";
import { outlier } from "./outlier.ts";
import { breaker, concurrency, limits } from "./overload.ts";
import { hedging, retries } from "./retries.ts";

const tls = clientTls("backend").describe("For https backends.");

export const timeouts = z
  .strictObject({
    connect: duration().prefault("3s").describe("Longest wait for a TCP and TLS connection."),
    head: duration().prefault("30s").describe("Longest wait for the response's head once the request is sent."),
    perTry: duration()
      .optional()
      .describe(
        "Longest that one attempt takes to its response's head, connecting included; then another may be made.",
      ),
    total: duration()
      .optional()
      .describe(
        "Longest that all attempts of a request take to a response's head, with the waits between them and for room; over it 504.",
      ),
    body: duration().prefault("60s").describe("Longest silence while the response's body comes."),
    keepAlive: duration()
      .prefault("4s")
      .describe("How long an idle connection is kept; below the 5 s after which Node backends close theirs."),
  })
  .prefault({})
  .describe("Time limits towards the backends.");

export const pool = z.strictObject(
  {
    backends: backends.optional(),
    discovery: discovery.optional(),
    balancing,
    sticky,
    zone: zone
      .optional()
      .describe(
        "The gateway's own zone: its backends are preferred within each priority while they can take the load.",
      ),
    panic: share()
      .prefault("0%")
      .describe("Below this share of usable backends all are used, unhealthy ones too; 0% never does."),
    subset,
    slowStart,
    drain: duration({ min: 0 })
      .prefault("5m")
      .describe(
        "How long a draining backend keeps its sticky clients and running requests; then these are broken off and those handed over.",
      ),
    health,
    outlier,
    retries,
    hedging,
    limits,
    breaker,
    concurrency,
    tls,
    timeouts,
  },
  { error: "an object with backends" },
);

/** A list of backends may be left out only where they are found in another way. */
const poolWithBackends = pool.transform((settings, context) => {
  const { backends, discovery } = settings;
  if (backends === undefined && discovery === undefined)
    context.addIssue({ code: "custom", path: ["backends"], message: "a list of backends, or discovery beside it" });
  return { ...settings, backends: backends ?? [] };
});

const name = text(/^[0-9A-Za-z][0-9A-Za-z._-]*$/, "a pool's name: letters, digits, dots, dashes and underscores");

const DEFAULT_BACKENDS = [8000, 8001, 8002, 8003].map((port) => `http://127.0.0.1:${port}`);

export const pools = z
  .record(name, poolWithBackends, { error: "pools by name" })
  .prefault({ default: { backends: DEFAULT_BACKENDS } })
  .describe("Named sets of backends.");

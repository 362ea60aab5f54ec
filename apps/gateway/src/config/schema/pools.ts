import { z } from "zod";
import { backends } from "./backends.ts";
import { count, duration, file, flag, text } from "./fields.ts";

const health = z
  .union(
    [
      z.literal(false),
      z.strictObject({
        path: text(/^\/[^\s#]*$/, "a path that starts with /")
          .prefault("/health")
          .describe("Path, with a query where wanted, that is asked by GET; any 2xx answer is a success."),
        interval: duration({ min: 10 }).prefault("1s").describe("Time between two checks of one backend, jittered."),
        timeout: duration().prefault("1s").describe("How long a check may take before it counts as failed."),
        failures: count(1, 1000).prefault(3).describe("Failed checks in a row before a backend is UNREACHABLE."),
        successes: count(1, 1000).prefault(1).describe("Good checks in a row before it is HEALTHY again."),
      }),
    ],
    { error: "an object with path, interval, timeout, failures and successes, or false" },
  )
  .prefault({})
  .describe("Active health checks. `false` turns them off: every backend then counts as healthy.");

const tls = z
  .strictObject({
    verify: flag()
      .prefault(true)
      .describe(
        "Checks the backend's certificate and name. `false` accepts any certificate, and is warned of at each start.",
      ),
    ca: file().optional().describe("Certificate authorities to trust instead of the system's, PEM."),
    servername: text(/^[0-9A-Za-z._-]+$/, "a host name")
      .optional()
      .describe("Name to ask for by SNI and to check the certificate against, in place of the URL's host."),
    cert: file().optional().describe("Client certificate chain to show to the backend, PEM; needs `key`."),
    key: file().optional().describe("Private key of the client certificate, PEM; needs `cert`."),
  })
  .prefault({})
  .describe("For https backends.");

const timeouts = z
  .strictObject({
    connect: duration().prefault("3s").describe("Longest wait for a TCP and TLS connection."),
    head: duration().prefault("30s").describe("Longest wait for the response's head once the request is sent."),
    body: duration().prefault("60s").describe("Longest silence while the response's body comes."),
    keepAlive: duration()
      .prefault("4s")
      .describe("How long an idle connection is kept; below the 5 s after which Node backends close theirs."),
  })
  .prefault({})
  .describe("Time limits towards the backends.");

const pool = z.strictObject(
  {
    backends,
    balancing: z.enum(["round-robin"]).prefault("round-robin").describe("How a backend is chosen for each attempt."),
    health,
    retries: count(0, 10)
      .prefault(2)
      .describe(
        "Further attempts after the first, for idempotent methods and for requests of which no byte reached a backend.",
      ),
    tls,
    timeouts,
  },
  { error: "an object with backends" },
);

const name = text(/^[0-9A-Za-z][0-9A-Za-z._-]*$/, "a pool's name: letters, digits, dots, dashes and underscores");

const DEFAULT_BACKENDS = [8000, 8001, 8002, 8003].map((port) => `http://127.0.0.1:${port}`);

export const pools = z
  .record(name, pool, { error: "pools by name" })
  .prefault({ default: { backends: DEFAULT_BACKENDS } })
  .describe("Named sets of backends.");

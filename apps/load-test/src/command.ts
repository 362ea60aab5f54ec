import { Command } from "commander";

const guide = `
Requests are sent at even distances, whether or not answers come: an open load, as users make it. Latency counts
from the moment a request was due, so that a target that stalls cannot hide the requests that had to wait
(coordinated omission is corrected); the time since it was sent is shown beside it.

[<id>] in the body, a header or the URL becomes an id of its own in each request.

Objectives (--slo), separated by commas, with <, <=, >, >= or =:
  p50 p75 p90 p95 p99 p99.9 p99.99 min mean max   a latency, in ms, s or us: p99<50ms
  errors        no answer or a status of 400 and above: errors<0.1%, errors=0
  timeouts, non2xx                                as a share or a number: timeouts=0, non2xx<1%
  rps           answers a second: rps>=99
  hit           cache hits (X-Cache: HIT or STALE) among answers with X-Cache: hit>80%

Examples:
  pnpm loadtest --rps 100 --duration 10
  pnpm loadtest --rps 500 --duration 1m --method GET --html report.html
  pnpm loadtest --json before.json            then, after a change:
  pnpm loadtest --compare before.json --slo 'p99<50ms,errors<0.1%'
  pnpm loadtest --url http://127.0.0.1:8000/ --body order.json --header 'Idempotency-Key: [<id>]'

Exit status:
  0  all was met            1  the asked rate (within 1 %) or an objective was missed
  2  wrong arguments        3  the target cannot be reached
  130  stopped by Ctrl-C, after it has printed what was measured so far`;

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Builds the command; `action` gets the flags as text, unchecked. Throws commander's `CommanderError` instead of exiting. */
export function loadCommand(action: (flags: Record<string, unknown>) => Promise<void>): Command {
  return new Command("loadtest")
    .description("Sends requests at a steady rate and tells how the target did.")
    .option("--rps <n>", "requests a second", "100")
    .option("--duration <time>", "how long: seconds, or with a unit (500ms, 10s, 2m)", "10")
    .option("--url <url>", "where to send them", "https://localhost:8443/test")
    .option("--method <method>", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS or TRACE", "POST")
    .option(
      "--body <file|json>",
      "JSON, or a file that holds the body (default for POST, PUT, PATCH: a small JSON object)",
    )
    .option("--header <'k: v'>", "a request field; may be given more than once", collect)
    .option("--api-key <key>", "value of X-API-Key; empty for none", "test-api-key-123")
    .option("--connections <n>", "connections, all opened at the start (default: as many as the rate needs)")
    .option("--timeout <seconds>", "give a request up after", "10")
    .option("--insecure", "accept any certificate; for a target on loopback that is the default")
    .option("--slo <list>", "objectives to hold, such as 'p99<50ms,errors<0.1%'")
    .option("--html <file>", "write a report as a page of its own")
    .option("--json <file>", "write all figures as JSON")
    .option("--compare <file>", "print the changes against an earlier --json")
    .allowExcessArguments(false)
    .addHelpText("after", guide)
    .showHelpAfterError("(pnpm loadtest --help tells what is possible)")
    .exitOverride()
    .action((flags: Record<string, unknown>) => action(flags));
}

import { z } from "zod";
import { count, duration, text, token } from "./fields.ts";
import { status } from "./statuses.ts";

/** Longer patterns are programs, not expectations. */
const LONGEST_PATTERN = 1000;

function isPattern(written: string): boolean {
  try {
    return new RegExp(written, "u").source !== "";
  } catch {
    return false;
  }
}

const PATTERN = `a regular expression of at most ${LONGEST_PATTERN} characters`;

const body = z
  .union(
    [
      z.string().min(1),
      z.strictObject({
        pattern: z
          .string({ error: PATTERN })
          .max(LONGEST_PATTERN, PATTERN)
          .refine(isPattern, { error: PATTERN })
          .describe("Regular expression (with the `u` flag) that must match somewhere."),
      }),
    ],
    { error: "a text, or an object with pattern" },
  )
  .optional()
  .describe("What the answer's body must hold: a text, or an object with a `pattern`. Its first 64 KiB count.");

const fieldValue = text(/^[\t\x20-\x7e]*$/, "a header field's value");

const check = z
  .strictObject({
    type: z
      .enum(["http", "https", "tcp"])
      .optional()
      .describe("How it is asked; `tcp` only connects. Without it: by the scheme of the backend's URL."),
    port: count(1, 65_535).optional().describe("Port that is asked, where it is not the backend's own."),
    path: text(/^\/[^\s#]*$/, "a path that starts with /")
      .prefault("/health")
      .describe("Path, with a query where wanted, that is asked by GET."),
    host: text(/^\S+$/, "a host name, with a port where wanted")
      .optional()
      .describe("Host field of the check. Without it: the backend's address."),
    headers: z
      .record(token("a header field's name"), fieldValue, { error: "header fields by name" })
      .optional()
      .describe("Further fields of the check."),
    status: z
      .union([status(), z.array(status(), { error: "a list of statuses" }).min(1, "at least one status")], {
        error: "a status such as 200, a range such as 200-299 or 2xx, or a list of them",
      })
      .prefault("2xx")
      .describe("Statuses that are good: `200`, `200-299`, `2xx`, or a list of them."),
    body,
    interval: duration({ min: 10 }).prefault("1s").describe("Time between two checks of one backend, jittered."),
    transitionInterval: duration({ min: 10 })
      .optional()
      .describe("The same while the next check may change the state. Without it: `interval`."),
    timeout: duration().prefault("1s").describe("How long a check may take before it counts as failed."),
    failures: count(1, 1000).prefault(3).describe("Failed checks in a row before a backend is UNREACHABLE."),
    successes: count(1, 1000).prefault(1).describe("Good checks in a row before it is HEALTHY again."),
    agentPort: count(1, 65_535)
      .optional()
      .describe(
        "Port of an agent on the backend's host that is asked with each check, as HAProxy's `agent-check`: it answers a line such as `up 75%`, `drain` or `down#reason`.",
      ),
  })
  .superRefine(({ type, body, host, headers }, context) => {
    if (type !== "tcp") return;
    for (const [key, value] of Object.entries({ body, host, headers })) {
      if (value === undefined) continue;
      context.addIssue({ code: "custom", path: [key], message: "nothing, since a tcp check only connects" });
    }
  });

export const health = z
  .union([z.literal(false), check], {
    error: "an object with path, interval, timeout, failures and successes, or false",
  })
  .prefault({})
  .describe("Active health checks. `false` turns them off: every backend then counts as healthy.");

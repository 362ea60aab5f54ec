import { z } from "zod";
import { count, text } from "./fields.ts";
import { backendLimits } from "./overload.ts";

const EXPECTED = "a backend such as http://127.0.0.1:8000 (http or https, host and optional port, nothing after it)";

/** What of a parsed URL does not belong in a backend's address, or undefined. */
function surplus(url: URL): string | undefined {
  if (url.username !== "" || url.password !== "") return "leave out the user name and password";
  if (url.search !== "" || url.hash !== "") return "leave out the query and fragment";
  return url.pathname === "/" ? undefined : "leave out the path: requests keep their own";
}

/** The hint for an address that is no backend: what is missing or too much. */
function fault(written: string): string | undefined {
  const url = URL.parse(written);
  if (url === null || !/^https?:\/\//i.test(written))
    return URL.canParse(`http://${written}`) && !written.includes("://")
      ? `did you mean http://${written}?`
      : undefined;
  return surplus(url);
}

/**
 * A backend's address as its origin: scheme, host in lower case, port unless it is the scheme's own.
 * `undefined` with a hint where it is not one.
 */
export function parseBackendUrl(written: string): { ok: true; origin: string } | { ok: false; hint?: string } {
  const url = URL.parse(written);
  if (url !== null && /^https?:\/\/[^/]/i.test(written) && surplus(url) === undefined && url.port !== "0")
    return { ok: true, origin: url.origin };
  const hint = fault(written);
  return hint === undefined ? { ok: false } : { ok: false, hint };
}

const url = z.string({ error: EXPECTED }).transform((written, context) => {
  const parsed = parseBackendUrl(written);
  if (parsed.ok) return parsed.origin;
  context.addIssue({ code: "custom", message: EXPECTED, params: { hint: parsed.hint } });
  return z.NEVER;
});

export const zone = text(/^\S+$/, "a zone's name");

const backend = z
  .union(
    [
      url,
      z.strictObject({
        url: url.describe("Scheme, host and optional port: `http://10.0.0.7:8000`, `https://api.internal`."),
        weight: count(1, 1000).prefault(1).describe("Share of the pool's requests, relative to the others' weights."),
        priority: count(0, 100)
          .optional()
          .describe("0, the default, is used first; higher ones are backups that take what the ones before cannot."),
        zone: zone.optional().describe("Where it stands; see the pool's `zone`."),
        limits: backendLimits.optional(),
      }),
    ],
    { error: `${EXPECTED}, or an object with url and weight` },
  )
  .transform((backend) => (typeof backend === "string" ? { url: backend, weight: 1 } : backend));

export const backends = z
  .array(backend, { error: "a list of backends" })
  .describe(
    "Where requests go: URLs, or objects with `url`, `weight`, `priority`, `zone` and `limits`. An empty list is filled through the admin API; with `discovery` it may be left out.",
  );

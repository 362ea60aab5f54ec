import { METHODS, validateHeaderName, validateHeaderValue } from "node:http";
import { z } from "zod";
import { type Objective, parseSlo } from "./slo.ts";

/** A message for the person who typed: what stood there, and what was expected. */
const wrong = (text: string, expected: string): string => `got ${JSON.stringify(text)}, expected ${expected}`;

/** A schema over a flag's text; `parse` gives `undefined` where the text is not as `expected` tells. */
function text<T>(expected: string, parse: (value: string) => T | undefined) {
  return z.string().transform((value, context) => {
    const parsed = parse(value);
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: "custom", message: wrong(value, expected) });
    return z.NEVER;
  });
}

function decimal(value: string, min: number, max: number): number | undefined {
  const number = Number(value);
  return /^\d*\.?\d+$/.test(value) && number >= min && number <= max ? number : undefined;
}

const whole = (min: number, max: number) => (value: string) =>
  /^\d+$/.test(value) ? decimal(value, min, max) : undefined;

const secondsPer: Readonly<Record<string, number>> = { "": 1, ms: 0.001, s: 1, m: 60, h: 3600 };

function duration(value: string): number | undefined {
  const [, number = "", unit = ""] = /^([\d.]+)(ms|s|m|h|)$/.exec(value) ?? [];
  const seconds = (decimal(number, 0, Number.MAX_VALUE) ?? Number.NaN) * (secondsPer[unit] ?? Number.NaN);
  return seconds > 0 && seconds <= 86_400 ? seconds : undefined;
}

function target(value: string): URL | undefined {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined;
}

// Autocannon sends these; a tunnel (CONNECT) is not one of them.
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] as const;

function method(value: string): (typeof methods)[number] | undefined {
  return methods.find((one) => one === value.toUpperCase() && METHODS.includes(one));
}

function header(value: string): readonly [string, string] | undefined {
  const [, name = "", content = ""] = /^([^:]*):(.*)$/s.exec(value) ?? [];
  try {
    validateHeaderName(name.trim());
    validateHeaderValue(name.trim(), content.trim());
  } catch {
    return undefined;
  }
  return [name.trim(), content.trim()];
}

const slo = z.string().transform((value, context): readonly Objective[] => {
  const outcome = parseSlo(value);
  if (outcome.kind === "ok") return outcome.objectives;
  context.addIssue({ code: "custom", message: outcome.problem });
  return z.NEVER;
});

const flags = z.object({
  rps: text("requests a second above 0 and up to 100000, such as 100", (value) => decimal(value, 1e-3, 100_000)),
  duration: text("seconds, or a time with its unit, up to 24h, such as 10, 500ms or 2m", duration),
  url: text("an http or https address, such as https://localhost:8443/test", target),
  apiKey: text("a value without control characters", (value) => header(`x-api-key: ${value}`)?.[1]),
  connections: text("a whole number from 1 to 10000", whole(1, 10_000)).optional(),
  method: text(`one of ${methods.join(", ")}`, method),
  body: z.string().optional(),
  header: z.array(text("name and value, such as 'Accept: text/html'", header)).default([]),
  timeout: text("whole seconds from 1 to 600, such as 10", whole(1, 600)),
  insecure: z.boolean().default(false),
  html: z.string().optional(),
  json: z.string().optional(),
  compare: z.string().optional(),
  slo: slo.optional(),
});

/** What the command line asks for, checked. */
export type LoadOptions = z.infer<typeof flags>;

export type OptionsOutcome =
  | { readonly kind: "ok"; readonly options: LoadOptions }
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

const flagName = (key: PropertyKey): string =>
  `--${String(key).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Checks the flags as commander gives them; every wrong one is named with what stood there and what was expected. */
export function checkOptions(given: Readonly<Record<string, unknown>>): OptionsOutcome {
  const outcome = flags.safeParse(given);
  if (outcome.success) return { kind: "ok", options: outcome.data };
  const problems = outcome.error.issues.map(({ path: [flag = ""], message }) => `${flagName(flag)}: ${message}`);
  return { kind: "invalid", problems };
}

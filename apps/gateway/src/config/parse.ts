import type { Finding } from "./errors.ts";
import { expectation, toFindings } from "./issues.ts";
import { configSchema, type ParsedConfig } from "./schema.ts";

const isObject = (raw: unknown): raw is Record<string, unknown> =>
  typeof raw === "object" && raw !== null && !Array.isArray(raw);

export interface ParseResult {
  /** The sections without a fault, so that rules across sections can be checked even when another one is wrong. */
  sections: Partial<ParsedConfig>;
  findings: Finding[];
}

/** Checks what a user wrote against the schema and fills in the defaults. */
export function parseConfig(raw: unknown): ParseResult {
  const result = configSchema.safeParse(raw, { error: expectation });
  if (result.success) return { sections: result.data, findings: [] };
  const findings = result.error.issues.flatMap((issue) => toFindings(issue, raw));
  const sections: Record<string, unknown> = {};
  if (isObject(raw))
    for (const [name, schema] of Object.entries(configSchema.shape)) {
      const section = schema.safeParse(raw[name]);
      if (section.success) sections[name] = section.data;
    }
  return { sections, findings };
}

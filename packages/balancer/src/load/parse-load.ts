import type { LoadReport } from "./load-report.ts";
import { readReport } from "./read-report.ts";

/**
 * The value of an `endpoint-load-metrics` response field: `TEXT cpu_utilization=0.3, rps_fractional=120` or
 * `JSON {"cpu_utilization": 0.3}`. Undefined for anything else. Source: ORCA (xDS), Envoy `orca_parser`.
 */
export function parseLoadField(value: string): LoadReport | undefined {
  const [, format, rest = ""] = /^\s*(TEXT|JSON)\s+(.*)$/s.exec(value) ?? [];
  if (format === "JSON") return reportOf(rest);
  return format === "TEXT" ? readReport(textFields(rest)) : undefined;
}

/**
 * The `load` of a health check's JSON body: `{"status": "ok", "load": {"cpu": 0.2, "memory": 0.5}}`. Undefined where
 * there is none.
 */
export function parseLoadBody(body: string): LoadReport | undefined {
  const load = parseObject(body)?.load;
  return isObject(load) ? readReport(load) : undefined;
}

function reportOf(json: string): LoadReport | undefined {
  const parsed = parseObject(json);
  return parsed === undefined ? undefined : readReport(parsed);
}

function textFields(text: string): Record<string, number> {
  const pairs = text.split(",").map((pair): [string, number] => {
    const [name = "", number = ""] = pair.split("=", 2);
    return [name.trim(), number.trim() === "" ? Number.NaN : Number(number)];
  });
  return Object.fromEntries(pairs);
}

function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(json);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

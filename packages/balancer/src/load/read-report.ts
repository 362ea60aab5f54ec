import type { LoadReport } from "./load-report.ts";

/** Names that a report's numbers go by: our own, then ORCA's. */
const NAMES = {
  cpu: ["cpu", "cpu_utilization", "cpuUtilization"],
  memory: ["memory", "mem", "mem_utilization", "memUtilization"],
  utilization: ["utilization", "utilisation", "application_utilization", "applicationUtilization"],
  requestRate: ["requestRate", "rps", "rps_fractional", "rpsFractional"],
  errorRate: ["errorRate", "eps"],
} as const;

/**
 * Reads a report from an object of numbers under our names or ORCA's (`xds.data.orca.v3.OrcaLoadReport`). What is no
 * number from 0 up is left out; undefined when nothing is left.
 */
export function readReport(source: Readonly<Record<string, unknown>>): LoadReport | undefined {
  const found = Object.entries(NAMES).flatMap(([field, names]) => {
    const value = names.map((name) => source[name]).find(isAmount);
    return value === undefined ? [] : [[field, value]];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < Number.POSITIVE_INFINITY;
}

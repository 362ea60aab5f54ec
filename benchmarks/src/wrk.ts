import type { Load } from "./load.ts";

const MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

function latency(output: string, percent: number): number {
  const [, value = "", unit = ""] = new RegExp(`^\\s+${percent}%\\s+([\\d.]+)(us|ms|s|m)\\s*$`, "m").exec(output) ?? [];
  return Number(value) * (MS[unit] ?? Number.NaN);
}

/** What `wrk --latency` printed. Throws where that is no result. */
export function parseWrk(output: string): Load {
  const requests = /(\d+) requests in/.exec(output)?.[1];
  const perSecond = /^Requests\/sec:\s+([\d.]+)/m.exec(output)?.[1];
  if (requests === undefined || perSecond === undefined) throw new Error(`wrk gave no result: ${output.trim()}`);
  const badStatus = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0);
  const broken = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)?.slice(1) ?? [];
  return {
    requests: Number(requests),
    perSecond: Number(perSecond),
    p50: latency(output, 50),
    p99: latency(output, 99),
    errors: broken.reduce((sum, each) => sum + Number(each), badStatus),
  };
}

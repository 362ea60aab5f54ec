/** The load a backend told of itself. Shares are 0 (idle) to 1 (its own full capacity), and may exceed 1. */
export interface LoadReport {
  /** CPU share in use. */
  readonly cpu?: number;
  /** Memory share in use. */
  readonly memory?: number;
  /** The backend's own measure of how busy it is; counts before CPU, which counts before memory. */
  readonly utilization?: number;
  /** Requests it serves per second, from all gateways. */
  readonly requestRate?: number;
  /** Errors it answers per second. */
  readonly errorRate?: number;
  /** A share of its configured weight that it asks for outright, as HAProxy's agents do: 1 is all of it. */
  readonly weightFactor?: number;
}

/** What a backend last reported, and for how long it has done so without a gap. */
export interface ReportedLoad {
  readonly report: LoadReport;
  /** When it came, ms. */
  readonly at: number;
  /** When the first of this unbroken series came, ms. */
  readonly since: number;
}

/** A report older than this says nothing any more, ms. Source: gRPC A58 and Envoy `weight_expiration_period`. */
export const REPORT_EXPIRY: number = 3 * 60_000;

/** Adds a report to what is known; a series that had expired begins anew. */
export function addReport(known: ReportedLoad | null, report: LoadReport, now: number): ReportedLoad {
  const unbroken = known !== null && now - known.at < REPORT_EXPIRY;
  return { report, at: now, since: unbroken ? known.since : now };
}

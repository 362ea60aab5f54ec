import type { Logger } from "../../observability/log.ts";
import type { FoundBy } from "./source.ts";

/** A source of backends turned bad, or good again. */
export interface DiscoveryEvent {
  readonly pool: string;
  readonly source: FoundBy;
  /** What is wrong; null once all is well again. */
  readonly fault: string | null;
}

export type DiscoveryEventSink = (event: DiscoveryEvent) => void;

/** Logs what becomes of sources: faults as warnings, a line for each of their own. */
export function discoveryLog(logger: Logger): DiscoveryEventSink {
  return ({ pool, source, fault }) => {
    if (fault === null) return logger.info({ pool, source }, "discovery is well again");
    for (const reason of fault.split("\n"))
      logger.warn({ pool, source, reason }, "discovery failed: what was found before is kept");
  };
}

import type { ConfigSnapshot } from "../config/snapshot.ts";
import { createAccessLog } from "../observability/access-log.ts";
import type { ExchangeSink } from "../observability/exchange-record.ts";
import { createLogger, type LogDestination, type Logger, type LogLevel } from "../observability/log.ts";
import { readableLog } from "../observability/log-line.ts";

/** Whoever reads the log. */
export interface LogReader {
  readonly destination: LogDestination;
  /** A person at a terminal rather than a program. */
  readonly terminal: boolean;
  readonly colour: boolean;
}

export interface OpenLog {
  readonly logger: Logger;
  /** A line for each exchange; null where the config wants none. */
  readonly accessLog: ExchangeSink | null;
  /** Takes JSON lines that are written already. */
  readonly destination: LogDestination;
}

const TELLS_DEBUG: ReadonlySet<LogLevel> = new Set(["trace", "debug"]);
const TELLS_INFO: ReadonlySet<LogLevel> = new Set(["trace", "debug", "info"]);

/**
 * The gateway's log: JSON lines for programs, readable ones in a terminal. `debug` lets more through than the config says.
 * @param fields added to each line of an exchange
 */
export function openLog({ log, auth }: ConfigSnapshot, debug: boolean, reader: LogReader, fields?: object): OpenLog {
  const level = debug && !TELLS_DEBUG.has(log.level) ? "debug" : log.level;
  const destination = reader.terminal ? readableLog(reader.destination, reader.colour) : reader.destination;
  return {
    logger: createLogger({ level, destination, secretFields: [auth.header] }),
    accessLog: log.access && TELLS_INFO.has(level) ? createAccessLog(destination, fields) : null,
    destination,
  };
}

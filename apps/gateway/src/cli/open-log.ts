import type { ConfigSnapshot } from "../config/snapshot.ts";
import { createLogger, type LogDestination, type Logger, type LogLevel } from "../observability/log.ts";
import { readableLog } from "../observability/log-line.ts";

/** Whoever reads the log. */
export interface LogReader {
  readonly destination: LogDestination;
  /** A person at a terminal rather than a program. */
  readonly terminal: boolean;
  readonly colour: boolean;
}

const QUIETER_THAN_DEBUG: ReadonlySet<LogLevel> = new Set(["info", "warn", "error", "fatal", "silent"]);

/** The gateway's log: JSON lines for programs, readable ones in a terminal. `debug` lets more through than the config says. */
export function openLog({ log, auth }: ConfigSnapshot, debug: boolean, reader: LogReader): Logger {
  const { destination, terminal, colour } = reader;
  return createLogger({
    level: debug && QUIETER_THAN_DEBUG.has(log.level) ? "debug" : log.level,
    destination: terminal ? readableLog(destination, colour) : destination,
    secretFields: [auth.header],
  });
}

import { types } from "node:util";
import type { Logger } from "../observability/log.ts";

/** What of `process` tells of errors that nobody caught. */
export interface BugSource {
  on(event: "uncaughtException" | "unhandledRejection", listener: (error: unknown) => void): unknown;
}

/**
 * Errors that nobody caught are bugs, and told as such with their stack. A rejection concerns one piece of work, so the
 * gateway goes on; after an exception that nothing owns, state may be half changed, so `fatal` ends the gateway in order.
 */
export function watchBugs(source: BugSource, logger: Logger, fatal: () => void): void {
  source.on("unhandledRejection", (error) => {
    logger.error({ err: asError(error), where: "unhandledRejection" }, "bug in headgate: please report it");
  });
  source.on("uncaughtException", (error) => {
    logger.fatal({ err: asError(error), where: "uncaughtException" }, "bug in headgate: please report it; stopping");
    fatal();
  });
}

function asError(error: unknown): Error {
  return types.isNativeError(error) ? error : new Error(`not an error was thrown: ${String(error)}`);
}

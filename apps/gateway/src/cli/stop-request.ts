import { type BugSource, watchBugs } from "../control/bugs.ts";
import { type SignalSource, watchSignals } from "../control/signals.ts";
import type { Logger } from "../observability/log.ts";

/** What the gateway was told by the process it is, once. */
export interface StopRequest {
  /** Resolves when somebody wants the gateway to stop, with the exit code of an orderly end. */
  readonly asked: Promise<{ readonly reason: string; readonly exitCode: 0 | 1 }>;
  /** No longer listens to signals: they do what they do by default. */
  off(): void;
}

/**
 * Signals, the end of the parent, and errors that nobody caught.
 * @param exit ends the process at once, for whoever does not want to wait for the orderly end
 */
export function awaitStop(
  source: SignalSource & BugSource,
  tick: () => number,
  logger: Logger,
  exit: (code: number) => void,
): StopRequest {
  let off = (): void => undefined;
  const asked = new Promise<Awaited<StopRequest["asked"]>>((resolve) => {
    off = watchSignals(source, tick, (reason) => resolve({ reason, exitCode: 0 }), exit);
    watchBugs(source, logger, () => resolve({ reason: "uncaughtException", exitCode: 1 }));
  });
  return { asked, off };
}

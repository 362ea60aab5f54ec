/** What of `process` tells that the gateway should stop. */
export interface SignalSource {
  on(event: "SIGTERM" | "SIGINT" | "disconnect", listener: () => void): unknown;
  off(event: "SIGTERM" | "SIGINT" | "disconnect", listener: () => void): unknown;
}

/** Why the gateway stops: a signal, or the end of the parent process (its IPC channel closed). */
export type StopReason = "SIGTERM" | "SIGINT" | "disconnect";

/** Exit codes of a stop that did not wait for running exchanges: 128 + the signal's number, as shells count. */
const FORCED = { SIGTERM: 143, SIGINT: 130, disconnect: 1 } as const;

/** A Ctrl-C reaches a process twice, from the terminal and from a parent that passes it on: within this time it is one, ms. */
const SAME = 300;

/**
 * The first reason to stop calls `stop`; the next one, when somebody no longer wants to wait, calls `force` with the
 * exit code. Returns a function that takes the listeners off.
 * @param tick monotonic ms
 */
export function watchSignals(
  source: SignalSource,
  tick: () => number,
  stop: (reason: StopReason) => void,
  force: (exitCode: number) => void,
): () => void {
  let first: { readonly reason: StopReason; readonly at: number } | null = null;
  const hear = (reason: StopReason) => (): void => {
    if (first === null) {
      first = { reason, at: tick() };
      stop(reason);
      return;
    }
    // A parent that dies of the same Ctrl-C is no second wish.
    if (reason !== "disconnect" && tick() - first.at >= SAME) force(FORCED[reason]);
  };
  const listeners = (["SIGTERM", "SIGINT", "disconnect"] as const).map((reason) => [reason, hear(reason)] as const);
  for (const [reason, listener] of listeners) source.on(reason, listener);
  return () => {
    for (const [reason, listener] of listeners) source.off(reason, listener);
  };
}

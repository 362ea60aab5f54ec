import { watch } from "chokidar";

/**
 * Quiet time after the last event before the files are read, ms: editors write in several steps, and chokidar drops what
 * happens to a file within 50 ms of the event before.
 */
const SETTLE = 100;

export interface FileWatch {
  /** Resolves once changes are seen. */
  readonly ready: Promise<void>;
  /** From now on these files are watched, and others no longer. */
  follow(files: readonly string[]): void;
  /** Ends the watching once what `onChange` does is done; it is not called again. */
  close(): Promise<void>;
}

/**
 * Watches files (absolute paths), through editors that rename a new file over the old one and symbolic links that are
 * switched (as Kubernetes does). A file that comes or goes is a change as well. Where a mount sends no events,
 * CHOKIDAR_USEPOLLING=1 makes chokidar look by itself.
 * @param onChange called one at a time when the files have settled, and once at the start: what changed between their
 *   reading and the watch's beginning has made no event. Must not reject.
 */
export function watchFiles(initial: readonly string[], onChange: () => Promise<void>): FileWatch {
  let files = new Set(initial);
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  let closed = false;
  // A file that is followed later counts as changed once: it may have come while the others were read.
  const watcher = watch([...files], { ignoreInitial: false });

  const schedule = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(() => (closed ? undefined : onChange()));
    }, SETTLE);
  };
  const ready = new Promise<void>((resolve) => watcher.once("ready", () => resolve())).then(() => {
    if (closed) return;
    watcher.on("all", schedule);
    schedule();
  });
  return {
    ready,
    follow(wanted) {
      const next = new Set(wanted);
      watcher.unwatch([...files].filter((file) => !next.has(file)));
      watcher.add([...next].filter((file) => !files.has(file)));
      files = next;
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await watcher.close();
      await running;
    },
  };
}

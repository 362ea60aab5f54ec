import { watch } from "chokidar";
import { UserError } from "../errors.ts";
import { ConfigError } from "./errors.ts";
import { type LoadedConfig, type LoadOptions, loadConfig } from "./load.ts";

export type ConfigChange =
  | { kind: "loaded"; config: LoadedConfig }
  /** What stands there now cannot be used: the config that runs stays. */
  | { kind: "refused"; error: UserError };

/**
 * Quiet time after the last event before the files are read, ms: editors write in several steps, and chokidar drops what
 * happens to a file within 50 ms of the event before.
 */
const SETTLE = 100;

export interface WatchOptions {
  /** What runs now: its files are watched. */
  initial: LoadedConfig;
  /** How it was loaded; later loads name its file, whatever else is found by then. */
  load: LoadOptions;
  /** Called one at a time, in order; also where the files changed and the config did not, but once for the same refusal. */
  onChange(change: ConfigChange): void | Promise<void>;
}

export interface ConfigWatch {
  /** Resolves once changes are seen. */
  ready: Promise<void>;
  /** Ends the watching; no call of `onChange` starts afterwards. */
  close(): Promise<void>;
}

async function reload(options: LoadOptions): Promise<ConfigChange> {
  try {
    return { kind: "loaded", config: await loadConfig(options) };
  } catch (error) {
    if (error instanceof UserError) return { kind: "refused", error };
    // Not foreseen; even so it is no reason to end a gateway that runs.
    return { kind: "refused", error: new UserError(`The config cannot be read: ${String(error)}`, { cause: error }) };
  }
}

/** Files whose change may matter after this one; those of a refused config join, since one of them may mend it. */
function filesAfter(change: ConfigChange, before: readonly string[]): readonly string[] {
  if (change.kind === "loaded") return change.config.files;
  return change.error instanceof ConfigError ? [...before, ...change.error.files] : before;
}

/**
 * Watches the config file and all that it was made from, through editors that rename a new file over the old one and
 * symbolic links that are switched (as Kubernetes does). A file that is gone is a change as well: reading it fails, and that
 * is told. Where a mount sends no events, CHOKIDAR_USEPOLLING=1 makes chokidar look by itself.
 */
export function watchConfig({ initial, load, onChange }: WatchOptions): ConfigWatch {
  // The file is named from here on: were it deleted, a new search could find another, or none and fall back to the defaults.
  const options = { ...load, config: initial.file };
  let files = new Set(initial.files);
  let refusal: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  let closed = false;
  // A file that a later config names counts as changed once: it may have come while the config was read.
  const watcher = watch([...files], { ignoreInitial: false });

  const apply = async (): Promise<void> => {
    if (closed) return;
    const change = await reload(options);
    if (closed) return;
    const next = new Set(filesAfter(change, [...files]));
    watcher.unwatch([...files].filter((file) => !next.has(file)));
    watcher.add([...next].filter((file) => !files.has(file)));
    files = next;
    const told = change.kind === "refused" && change.error.message === refusal;
    refusal = change.kind === "refused" ? change.error.message : undefined;
    if (!told) await onChange(change);
  };
  const schedule = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(apply);
    }, SETTLE);
  };
  const ready = new Promise<void>((resolve) => watcher.once("ready", () => resolve())).then(() => {
    watcher.on("all", schedule);
    // What changed between the loading and now has made no event.
    schedule();
  });
  return {
    ready,
    async close() {
      closed = true;
      clearTimeout(timer);
      await watcher.close();
      await running;
    },
  };
}

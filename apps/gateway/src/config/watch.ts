import { watch } from "chokidar";
import { UserError } from "../errors.ts";
import { ConfigError } from "./errors.ts";
import { type LoadedConfig, type LoadOptions, loadConfig } from "./load.ts";

export type ConfigChange =
  | { kind: "loaded"; config: LoadedConfig }
  /** What stands there now cannot be used: the config that runs stays. */
  | { kind: "refused"; error: UserError };

export interface WatchOptions {
  /** What runs now: its files are watched. It must have a config file. */
  initial: LoadedConfig;
  /** As it was loaded. */
  load: LoadOptions;
  /** Called one at a time, in order; also where the files changed and the config did not. */
  onChange(change: ConfigChange): void | Promise<void>;
  /** Quiet time after the last event before the files are read, ms: editors write in several steps. Default 100. */
  settle?: number;
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
    throw error;
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
export function watchConfig({ initial, load, onChange, settle = 100 }: WatchOptions): ConfigWatch {
  // The file is named from here on: were it deleted, a new search could find another, or none and fall back to the defaults.
  const options = { ...load, config: initial.file };
  let files: readonly string[] = initial.files;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  let closed = false;
  const watcher = watch([...files], { ignoreInitial: true });

  const apply = async (): Promise<void> => {
    if (closed) return;
    const change = await reload(options);
    if (closed) return;
    const next = new Set(filesAfter(change, files));
    watcher.unwatch(files.filter((file) => !next.has(file)));
    files = [...next];
    watcher.add([...files]);
    await onChange(change);
  };
  watcher.on("all", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(apply);
    }, settle);
  });
  return {
    ready: new Promise((resolve) => watcher.once("ready", () => resolve())),
    async close() {
      closed = true;
      clearTimeout(timer);
      await watcher.close();
      await running;
    },
  };
}

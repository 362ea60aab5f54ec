import { UserError } from "../errors.ts";
import { ConfigError } from "./errors.ts";
import { type LoadedConfig, type LoadOptions, loadConfig } from "./load.ts";
import { watchFiles } from "./watch-files.ts";

export type ConfigChange =
  | { kind: "loaded"; config: LoadedConfig }
  /** What stands there now cannot be used: the config that runs stays. */
  | { kind: "refused"; error: UserError };

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

/** Watches the config file and all that it was made from. A file that is gone is told as one that cannot be read. */
export function watchConfig({ initial, load, onChange }: WatchOptions): ConfigWatch {
  // The file is named from here on: were it deleted, a new search could find another, or none and fall back to the defaults.
  const options = { ...load, config: initial.file };
  let files: readonly string[] = initial.files;
  let refusal: string | undefined;
  let closed = false;

  const apply = async (): Promise<void> => {
    const change = await reload(options);
    if (closed) return;
    files = filesAfter(change, files);
    watch.follow(files);
    const told = change.kind === "refused" && change.error.message === refusal;
    refusal = change.kind === "refused" ? change.error.message : undefined;
    if (!told) await onChange(change);
  };
  const watch = watchFiles(files, apply);
  return {
    ready: watch.ready,
    close() {
      closed = true;
      return watch.close();
    },
  };
}

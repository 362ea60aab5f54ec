import { readBackends } from "../../config/read-backends.ts";
import { watchFiles } from "../../config/watch-files.ts";
import { UserError } from "../../errors.ts";
import type { Source, SourceSink } from "./source.ts";

/** Reads a file of backends (absolute path) now and whenever it changes. */
export function followFile(path: string, { onList, onFault }: SourceSink): Source {
  let stopped = false;
  const read = async (): Promise<void> => {
    try {
      const backends = await readBackends(path);
      if (stopped) return;
      onFault(null);
      onList(backends);
    } catch (error) {
      // What was not foreseen (a YAML file that unfolds without end) is no reason to end a gateway that runs.
      const fault = error instanceof UserError ? error.message : `The file of backends ${path}: ${String(error)}`;
      if (!stopped) onFault(fault);
    }
  };
  const watch = watchFiles([path], read);
  return {
    stop() {
      stopped = true;
      void watch.close();
    },
  };
}

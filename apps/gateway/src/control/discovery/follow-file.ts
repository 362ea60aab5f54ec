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
      if (!(error instanceof UserError)) throw error;
      if (!stopped) onFault(error.message);
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

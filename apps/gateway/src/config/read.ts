import { extname } from "node:path";
import { UserError } from "../errors.ts";
import { importConfig } from "./import.ts";
import { readData, readText } from "./read-data.ts";
import type { ConfigSource } from "./source.ts";

/** A config file that was read; `files` are all that it was made from, itself first. */
export interface ConfigFile extends ConfigSource {
  files: string[];
}

/**
 * Reads one config file by its ending. `name` is how messages call it, `what` what they say it is. Throws `UserError` (or
 * `ConfigError` with the position).
 */
export async function readConfigFile(file: string, name: string, what = "config file"): Promise<ConfigFile> {
  const title = { what, name };
  switch (extname(file)) {
    case ".yaml":
    case ".yml":
    case ".json": {
      const { raw, locate } = await readData(file, title);
      // An empty file is a config that leaves everything at its default.
      return { raw: raw ?? {}, locate, files: [file] };
    }
    case ".ts":
    case ".mts":
    case ".js":
    case ".mjs": {
      await readText(file, title);
      const { raw, files } = await importConfig(file, name);
      return { raw, files, locate: () => name };
    }
    default:
      throw new UserError(`The ${what} ${name} has an ending that is not known: expected .ts, .yaml, .yml or .json.`);
  }
}

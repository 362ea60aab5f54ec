import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { UserError } from "../errors.ts";
import { ConfigError } from "./errors.ts";
import { importConfig } from "./import.ts";
import { type ConfigSource, yamlLocator } from "./source.ts";
import { whyUnreadable } from "./unreadable.ts";

/** A config file that was read; `files` are all that it was made from, itself first. */
export interface ConfigFile extends ConfigSource {
  files: string[];
}

async function readText(file: string, name: string, what: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UserError(`The ${what} ${name} cannot be read: ${whyUnreadable(error)}.`);
  }
}

/** A YAML text with its places. Throws `ConfigError` where it is none. */
export function parseYaml(text: string, name: string): ConfigSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    throw new ConfigError(
      document.errors.map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        return {
          path: "",
          found: `what is not YAML: ${error.message}`,
          expected: "valid YAML",
          source: `${name}:${line}:${col}`,
        };
      }),
    );
  // An empty file is a config that leaves everything at its default.
  return { raw: document.toJS() ?? {}, locate: yamlLocator(document.contents, lines, name) };
}

function parseJson(text: string, name: string): ConfigSource {
  try {
    JSON.parse(text);
  } catch (error) {
    const found = `what is not JSON: ${error instanceof Error ? error.message : String(error)}`;
    throw new ConfigError([{ path: "", found, expected: "valid JSON", source: name }]);
  }
  // JSON is YAML as well, and the YAML parser keeps positions and tells of keys that stand twice.
  return parseYaml(text, name);
}

/** Reads one config file by its ending. `name` is how messages call it, `what` what they say it is. Throws `UserError` (or `ConfigError` with the position). */
export async function readConfigFile(file: string, name: string, what = "config file"): Promise<ConfigFile> {
  switch (extname(file)) {
    case ".yaml":
    case ".yml":
      return { ...parseYaml(await readText(file, name, what), name), files: [file] };
    case ".json":
      return { ...parseJson(await readText(file, name, what), name), files: [file] };
    case ".ts":
    case ".mts":
    case ".js":
    case ".mjs": {
      await readText(file, name, what);
      const { raw, files } = await importConfig(file, name);
      return { raw, files, locate: () => name };
    }
    default:
      throw new UserError(`The ${what} ${name} has an ending that is not known: expected .ts, .yaml, .yml or .json.`);
  }
}

import { readFile } from "node:fs/promises";
import { LineCounter, parseDocument } from "yaml";
import { UserError } from "../errors.ts";
import { ConfigError } from "./errors.ts";
import { type ConfigSource, yamlLocator } from "./source.ts";
import { whyUnreadable } from "./unreadable.ts";

/** How messages call a file: what it is for, and its name. */
export interface FileTitle {
  /** `config file`. */
  readonly what: string;
  readonly name: string;
}

/** A file's text. Throws `UserError`. */
export async function readText(file: string, { what, name }: FileTitle): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UserError(`The ${what} ${name} cannot be read: ${whyUnreadable(error)}.`);
  }
}

/** A YAML text with its places; null where it is empty. Throws `ConfigError` where it is none. */
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
  return { raw: document.toJS(), locate: yamlLocator(document.contents, lines, name) };
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

/** Reads a JSON (`.json`) or YAML file with its positions. Throws `UserError`, or `ConfigError` with the position. */
export async function readData(file: string, title: FileTitle): Promise<ConfigSource> {
  const text = await readText(file, title);
  return file.endsWith(".json") ? parseJson(text, title.name) : parseYaml(text, title.name);
}

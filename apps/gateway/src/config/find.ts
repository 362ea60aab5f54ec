import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { UserError } from "../errors.ts";

/** Names that are looked for in the working folder, without `--config`. */
export const CONFIG_NAMES: readonly string[] = ["ts", "yaml", "yml", "json"].map(
  (ending) => `headgate.config.${ending}`,
);

const exists = async (file: string): Promise<boolean> => (await stat(file).catch(() => undefined))?.isFile() ?? false;

/** The absolute path of the config file, or undefined where none was named and none is found. */
export async function findConfigFile(cwd: string, named: string | undefined): Promise<string | undefined> {
  if (named !== undefined) return resolve(cwd, named);
  const candidates = CONFIG_NAMES.map((name) => join(cwd, name));
  const present = await Promise.all(candidates.map(exists));
  const found = candidates.filter((_, index) => present[index]);
  if (found.length > 1)
    throw new UserError(
      `More than one config file is in ${cwd}: ${CONFIG_NAMES.filter((_, index) => present[index]).join(", ")}. Keep one, or name it with --config.`,
    );
  return found[0];
}

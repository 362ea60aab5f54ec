import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { UserError } from "../errors.ts";

const PACKAGE = "@headgate/gateway";
const SELF = new URL(import.meta.url.endsWith(".ts") ? "../index.ts" : "../index.js", import.meta.url).href;
/** The query that makes a module be read again: modules are kept by URL for the life of the process. */
const VERSION = "headgate-config";

let version = 0;

const versionOf = (url: string | undefined): string | null =>
  url === undefined ? null : (URL.parse(url)?.searchParams.get(VERSION) ?? null);

/** Whether a module is the user's own, so that it is read again with the config that imports it. */
const isOwn = (url: string): boolean => url.startsWith("file:") && !url.includes("/node_modules/");

/** For the time of one import: finds this package from anywhere, and notes the config's own modules in `files`. */
function hookImports(stamp: string, files: string[]): { deregister(): void } {
  return registerHooks({
    resolve(specifier, context, next) {
      if (versionOf(context.parentURL) !== stamp) return next(specifier, context);
      if (specifier === PACKAGE) return { url: SELF, shortCircuit: true };
      const resolved = next(specifier, context);
      if (!isOwn(resolved.url)) return resolved;
      files.push(fileURLToPath(resolved.url));
      const url = new URL(resolved.url);
      url.searchParams.set(VERSION, stamp);
      return { ...resolved, url: url.href };
    },
  });
}

/**
 * Runs a config module (types are stripped by Node) and gives its default export, together with the files that it was made
 * from. Each call reads the module and the user's own modules that it imports anew.
 */
export async function importConfig(file: string, name: string): Promise<{ raw: unknown; files: string[] }> {
  version += 1;
  const stamp = String(version);
  const files = [file];
  const url = pathToFileURL(file);
  url.searchParams.set(VERSION, stamp);
  const hooks = hookImports(stamp, files);
  try {
    const module: { default?: unknown } = await import(url.href);
    if (module.default === undefined)
      throw new UserError(
        `The config file ${name} has no default export: expected export default defineConfig({ … }).`,
      );
    return { raw: module.default, files };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `The config file ${name} cannot be run: ${error instanceof Error ? error.message : String(error)}`,
    );
  } finally {
    hooks.deregister();
  }
}

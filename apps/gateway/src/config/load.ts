import { dirname, isAbsolute, relative, resolve } from "node:path";
import { type Overlay, originOf, overlayEnvironment, overlayFlag } from "./environment.ts";
import { ConfigError, type ConfigProblem, type Finding, locateFinding } from "./errors.ts";
import { findConfigFile } from "./find.ts";
import { mapLeaves } from "./leaves.ts";
import { parseConfig } from "./parse.ts";
import { type ConfigFile, readConfigFile } from "./read.ts";
import type { Sections } from "./rules/rule.ts";
import { applyRules } from "./rules.ts";
import { configSchema, type ParsedConfig } from "./schema.ts";
import { type ConfigSnapshot, makeSnapshot } from "./snapshot.ts";
import { checkTlsFiles } from "./tls/material.ts";

export interface LoadOptions {
  /** Folder that relative paths on the command line, and the search for a config file, start from. */
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** `--config`. */
  config?: string | undefined;
  /** `--workers`. */
  workers?: string | undefined;
  /** Wall-clock ms, for the dates of certificates. */
  now(): number;
}

export interface LoadedConfig {
  snapshot: ConfigSnapshot;
  /** One line each: what is allowed but should be known. */
  warnings: string[];
  /** The config file's absolute path; undefined where the built-in defaults run. */
  file: string | undefined;
  /** The same as messages call it. */
  source: string | undefined;
  /** Variables and flags that had a say. */
  overrides: string[];
  /** Every file that it was made from (absolute): the config file, modules that it imports, certificates, keys. */
  files: string[];
}

const NO_FILE: ConfigFile = { raw: {}, files: [], locate: () => undefined };

/** How messages call a file: from the working folder where it is below it. */
function displayName(cwd: string, file: string): string {
  const name = relative(cwd, file);
  return name.startsWith("..") || isAbsolute(name) ? file : name;
}

/** `$schema` tells an editor where the JSON Schema is, and is no setting. */
function withoutSchemaKey(raw: unknown): unknown {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return raw;
  const { $schema: _, ...settings } = raw as Record<string, unknown>;
  return settings;
}

const resolvePaths = <T extends object>(sections: T, folder: string): T =>
  mapLeaves(sections, (leaf, node) => (node.file === true ? resolve(folder, String(leaf)) : leaf)) as T;

/** Certificate and key files that a config names. */
function tlsFiles({ listeners = [], pools = {}, cache }: Sections): string[] {
  const clients = [...Object.values(pools), cache?.redis].map((client) => client?.tls);
  const named = [...listeners.map(({ tls }) => tls), ...clients];
  const files = named.flatMap((tls) => (typeof tls === "object" ? [tls.cert, tls.key, tls.ca] : []));
  return files.filter((file) => file !== undefined);
}

function overlay(raw: unknown, { env, workers }: LoadOptions): Overlay {
  const overlaid = overlayEnvironment(withoutSchemaKey(raw), env);
  if (workers !== undefined) overlayFlag(overlaid, "workers", workers);
  return overlaid;
}

/** Every fault of the sections that reading them alone does not show, and the warnings. */
async function judge(sections: Sections, { env, now }: LoadOptions) {
  const rules = applyRules(sections, { production: env.NODE_ENV === "production" });
  const tls = await checkTlsFiles(sections, now());
  return { findings: [...rules.findings, ...tls.findings], warnings: [...rules.warnings, ...tls.warnings] };
}

/** Whether every section is there: one that has a fault is left out. */
const isWhole = (sections: Sections): sections is ParsedConfig =>
  Object.keys(configSchema.shape).every((section) => Object.hasOwn(sections, section));

/**
 * Finds, reads and checks the config: file, then `HEADGATE_…` variables, then flags.
 * Throws `ConfigError` with every problem at once, or `UserError` where the file cannot be read or run.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { cwd } = options;
  const file = await findConfigFile(cwd, options.config);
  const source = file === undefined ? undefined : displayName(cwd, file);
  const read = file === undefined || source === undefined ? NO_FILE : await readConfigFile(file, source);
  const overlaid = overlay(read.raw, options);
  const locate = (path: Finding["path"]): string | undefined => originOf(overlaid.origins, path) ?? read.locate(path);
  const folder = file === undefined ? cwd : dirname(file);
  const parsed = parseConfig(overlaid.raw);
  const sections = resolvePaths(parsed.sections, folder);
  const files = [...new Set([...read.files, ...tlsFiles(sections)])];
  const { findings, warnings } = await judge(sections, options);
  const problems: ConfigProblem[] = [
    ...overlaid.findings.map((finding) => locateFinding(finding, () => finding.variable)),
    ...[...parsed.findings, ...findings].map((finding) => locateFinding(finding, locate)),
  ];
  if (!isWhole(sections) || problems.length > 0) throw new ConfigError(problems, files);
  const snapshot = makeSnapshot(sections, { host: file === undefined ? "loopback" : "all" });
  return { snapshot, warnings, file, source, overrides: [...overlaid.origins.values()], files };
}

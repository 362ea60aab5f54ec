import { type LoadedConfig, loadConfig } from "../config/load.ts";
import { formatConfig } from "../config/print.ts";
import type { CommandContext } from "./options.ts";

export interface CheckOptions {
  config?: string;
  showSecrets: boolean;
}

function origin({ source, overrides }: LoadedConfig): string {
  const file = source ?? "the built-in defaults (no config file)";
  return overrides.length === 0 ? file : `${file}, with ${overrides.join(", ")}`;
}

/** `headgate check`: prints the effective config as YAML, warnings on stderr. Throws `ConfigError` with every problem. */
export async function check({ config, showSecrets }: CheckOptions, context: CommandContext): Promise<void> {
  const { cwd, env, now } = context;
  const loaded = await loadConfig({ cwd, env, config, now });
  for (const warning of loaded.warnings) context.stderr(`warning: ${warning}\n`);
  const secrets = showSecrets ? "show" : "redact";
  context.stdout(`# The effective config, from ${origin(loaded)}\n${formatConfig(loaded.snapshot, { secrets })}`);
}

import { isIPv6 } from "node:net";
import { type Command, Option } from "commander";
import { loadConfig } from "../config/load.ts";
import { UserError } from "../errors.ts";
import type { CommandContext } from "./options.ts";

/** Where the admin listener is unless the config says otherwise. */
export const DEFAULT_ADMIN = "http://127.0.0.1:9901";

/** What a command that asks a running gateway is told of where that is. */
export interface AdminOptions {
  readonly admin?: string;
  readonly config?: string;
}

/** Adds `--admin URL` and `--config F`, for every command that asks a running gateway. */
export function withAdminOptions(command: Command): Command {
  return command
    .option("--admin <url>", `the running gateway's admin listener (default: ${DEFAULT_ADMIN})`)
    .addOption(
      new Option("--config <file>", "the running gateway's config file, to find its admin listener").conflicts("admin"),
    );
}

/** The URL of the admin listener, as typed or as the config has it. Throws `UserError` where there can be none. */
export async function adminAddress({ admin, config }: AdminOptions, context: CommandContext): Promise<string> {
  if (config === undefined) return admin ?? DEFAULT_ADMIN;
  const { cwd, env, now } = context;
  const { snapshot, source = config } = await loadConfig({ cwd, env, config, now });
  const { admin: settings } = snapshot;
  if (settings === false)
    throw new UserError(`${source} turns the admin listener off: expected \`admin\` to have a port.`);
  if (settings.port === 0)
    throw new UserError(`${source} lets the admin listener take any port: name it with --admin URL.`);
  return `http://${reachable(settings.host)}:${settings.port}`;
}

/** An address to connect to, for one that is listened on. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "*") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return isIPv6(host) ? `[${host}]` : host;
}

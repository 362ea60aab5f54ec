import { Command } from "commander";
import { registerBackends } from "./backends.ts";
import { registerCache } from "./cache.ts";
import { check } from "./check.ts";
import { registerExplain } from "./explain.ts";
import type { CommandContext, StartOptions } from "./options.ts";
import { schema } from "./schema.ts";
import { registerSimulate } from "./simulate.ts";

const CONFIG = "--config <file>";
const CONFIG_HELP = "config file (default: headgate.config.ts, .yaml, .yml or .json in this folder)";

type Start = (options: StartOptions) => Promise<void>;

/** Loaded when it is asked for, so that the other commands need none of the data plane. */
const startGateway: Start = async (options) => {
  const { start } = await import("./start.ts");
  await start(options);
};

/** The whole command line. `start` is replaced in tests. */
export function buildProgram(context: CommandContext, start: Start = startGateway): Command {
  const program = new Command("headgate")
    .description("A reverse proxy and API gateway: load balancing, caching, TLS, health checks and authentication.")
    .configureOutput({ writeOut: context.stdout, writeErr: context.stderr })
    .exitOverride()
    .showHelpAfterError("(headgate --help lists the commands, headgate COMMAND --help their options)");
  program
    .command("start")
    .description("run the gateway")
    .option(CONFIG, CONFIG_HELP)
    .option("--debug", "log more, and show the backends' live status in a terminal", false)
    .option("--workers <number>", "data-plane processes, a number or auto (default: the config's workers)")
    .action(start);
  program
    .command("check")
    .description("validate the config and print it with all defaults filled in")
    .option(CONFIG, CONFIG_HELP)
    .option("--show-secrets", "print API keys instead of redacting them", false)
    .action((options) => check(options, context));
  program
    .command("schema")
    .description("print the config's JSON Schema, for editors")
    .option("--markdown", "print the reference of all options as Markdown instead", false)
    .action((options) => schema(options, context));
  registerBackends(program, context);
  registerCache(program, context);
  registerExplain(program, context);
  registerSimulate(program, context);
  return program;
}

import { CommanderError } from "commander";
import { UserError } from "../errors.ts";
import type { CommandContext } from "./options.ts";
import { buildProgram } from "./program.ts";

/** A command line that is not understood. */
const BAD_ARGUMENTS = 2;

/**
 * Runs one command line (without `node` and the script) and gives the exit code: 0, 1 for an expected failure (told on
 * stderr without a stack), 2 for bad arguments. Anything else that is thrown is a bug, and is thrown on.
 */
export async function run(
  args: readonly string[],
  context: CommandContext,
  program = buildProgram(context),
): Promise<number> {
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BAD_ARGUMENTS;
    if (!(error instanceof UserError)) throw error;
    context.stderr(`headgate: ${error.message}\n`);
    return 1;
  }
}

/**
 * An expected failure that its reader can put right: a wrong config, a port in use, a missing file. `main` prints the
 * message on stderr without a stack and exits 1. The message tells what was wrong, where, and what to do.
 */
export class UserError extends Error {
  override readonly name: string = "UserError";
}

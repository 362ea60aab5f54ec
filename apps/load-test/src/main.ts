#!/usr/bin/env node
import { CommanderError } from "commander";
import { loadCommand } from "./command.ts";
import { exitCodes, loadtest } from "./loadtest.ts";

const interrupted = new AbortController();
process.on("SIGINT", () => {
  // The second Ctrl-C does not wait for open requests, nor for the report.
  if (interrupted.signal.aborted) process.exit(exitCodes.interrupted);
  interrupted.abort();
});

const command = loadCommand(async (flags) => {
  process.exitCode = await loadtest(flags, { out: process.stdout, err: process.stderr }, interrupted.signal);
});

try {
  await command.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? exitCodes.met : exitCodes.arguments;
}

#!/usr/bin/env node
import { CommanderError } from "commander";
import { type BackendOptions, backendCommand } from "./options.ts";
import { ListenError, startBackend } from "./server.ts";

async function run(options: BackendOptions): Promise<void> {
  const backend = await startBackend(options, console.log);
  console.log(`sample-backend listening on ${backend.url}`);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    void backend.stop().then(() => process.exit(0));
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  // Whoever forked it waits for this message, and is gone when the channel closes.
  process.on("disconnect", stop);
  process.send?.({ type: "listening", port: backend.port, url: backend.url });
}

try {
  await backendCommand(run).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof ListenError) {
    console.error(`sample-backend: ${error.message}`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}

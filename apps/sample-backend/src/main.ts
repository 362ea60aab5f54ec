#!/usr/bin/env node
import { CommanderError } from "commander";
import { backendCommand, type CommandOptions } from "./options.ts";
import { register } from "./register.ts";
import { ListenError, type RunningBackend, startBackend } from "./server.ts";

/** Tells whoever forked this process that it listens; `stop` is called when the channel closes, or has closed already. */
function tellParent({ port, url }: RunningBackend, stop: () => void): void {
  process.on("disconnect", stop);
  if (process.send === undefined) return;
  // A parent that is gone before it has read the message is told of by "disconnect".
  if (process.connected) process.send({ type: "listening", port, url }, undefined, undefined, () => undefined);
  else stop();
}

async function run({ registration, ...options }: CommandOptions): Promise<void> {
  const backend = await startBackend(options, console.log);
  console.log(`sample-backend listening on ${backend.url}`);
  const registered = registration === null ? null : register(backend.url, registration, console.log);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    // Nothing new is sent here once the gateway knows; what runs is finished.
    void Promise.resolve(registered?.stop())
      .then(() => backend.stop())
      .then(() => process.exit(0));
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  tellParent(backend, stop);
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

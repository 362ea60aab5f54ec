import { CommanderError } from "commander";
import { findProgram, Processes } from "./processes.ts";

export type Tell = (line: string) => void;

const tell: Tell = (line) => {
  process.stderr.write(`${line}\n`);
};

async function run<O>(
  read: () => O,
  programs: readonly string[],
  work: (options: O, processes: Processes, tell: Tell) => Promise<void>,
): Promise<void> {
  const options = read();
  for (const program of programs)
    if (!findProgram(program)) throw new Error(`${program} is not installed: apt-get install ${program}`);
  const processes = new Processes(tell);
  const stop = (): void => void processes.close().then(() => process.exit(130));
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    await work(options, processes, tell);
  } finally {
    await processes.close();
  }
}

/**
 * A benchmark from its command line, which `read` reads, to its exit status: 0, 1 where it failed, 2 where the arguments are wrong, 130
 * after Ctrl-C. Its processes end with it. `programs` have to be installed.
 */
export async function runBenchmark<O>(
  read: () => O,
  programs: readonly string[],
  work: (options: O, processes: Processes, tell: Tell) => Promise<void>,
): Promise<void> {
  try {
    await run(read, programs, work);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else {
      tell((error as Error).message);
      process.exitCode = 1;
    }
  }
}

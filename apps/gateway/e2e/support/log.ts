import { eventually } from "./raw-client.ts";

/** A process whose output comes through a pipe. */
export interface Printing {
  /** All it has printed that has arrived here. */
  log(): string;
}

/**
 * Waits until it has printed this. A line takes its way through the pipe of another process: what it tells of may be seen
 * before it, in an answer or the admin API.
 */
export function tells(program: Printing, words: string | RegExp, ms = 20_000): Promise<void> {
  const told = (): boolean => (typeof words === "string" ? program.log().includes(words) : words.test(program.log()));
  return eventually(told, `the log tells ${words}`, ms);
}

/** The lines that have arrived whole. */
export function logLines(program: Printing): string[] {
  return program.log().split("\n").slice(0, -1);
}

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Machine } from "./machine.ts";

const PAGE = fileURLToPath(new URL("../../docs/performance.md", import.meta.url));

/** With what figures were measured. */
export interface Setting {
  /** Day of the run, ISO 8601. */
  readonly date: string;
  readonly command: string;
  readonly machine: Machine;
}

/** A setting as the lines that stand above its figures. */
export function describeSetting({ date, command, machine }: Setting): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const hardware = `${machine.cpus} × ${machine.cpu}, ${machine.memoryGb} GiB, ${machine.kernel}`;
  const run = `${date}, \`${command}\` at commit ${machine.commit}, on ${hardware}, Node ${machine.node}.`;
  return versions.length === 0 ? run : `${run}\n${versions.join(", ")}.`;
}

/** The page with one of its generated sections replaced, which stands between two comments. Throws where it has none. */
export function replaceSection(page: string, name: string, command: string, text: string): string {
  const begin = `<!-- ${name}: written by \`${command}\` -->`;
  const end = `<!-- end of ${name} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from)
    throw new Error(`docs/performance.md has no lines '${begin}' and '${end}' to write between`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}

/** Writes a section of docs/performance.md. Returns the file. */
export function writeSection(name: string, command: string, text: string): string {
  writeFileSync(PAGE, replaceSection(readFileSync(PAGE, "utf8"), name, command, text));
  return PAGE;
}

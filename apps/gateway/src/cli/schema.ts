import { configMarkdown } from "../config/markdown.ts";
import { configTree } from "../config/tree.ts";
import type { CommandContext } from "./options.ts";

/** `headgate schema`: the config's JSON Schema, or its reference as Markdown (docs/configuration.md). */
export function schema({ markdown }: { markdown: boolean }, { stdout }: CommandContext): void {
  stdout(markdown ? configMarkdown() : `${JSON.stringify(configTree, null, 2)}\n`);
}

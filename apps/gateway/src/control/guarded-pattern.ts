import { createContext, Script } from "node:vm";

/** How long a pattern may look at one body, ms; some patterns take for ever on some texts. */
const LONGEST = 50;

const sandbox: { source: string; text: string } = { source: "", text: "" };
const search = new Script("text.search(new RegExp(source, 'u'))");

/** A regular expression of the config's, with the `u` flag: where a search takes too long, it counts as not found. */
export class GuardedPattern extends RegExp {
  constructor(source: string) {
    super(source, "u");
  }

  override [Symbol.search](text: string): number {
    createContext(sandbox);
    Object.assign(sandbox, { source: this.source, text });
    try {
      return Number(search.runInContext(sandbox, { timeout: LONGEST }));
    } catch {
      return -1;
    } finally {
      sandbox.text = "";
    }
  }
}

// Ratio and cost of each coding and level, and of each way to do it: `pnpm bench:compression [--record]`.
import { describeMachine } from "../src/machine.ts";
import { describeSetting, writeSection } from "../src/page.ts";
import { levelsTable, measureLevels } from "./levels.ts";
import { waysTable } from "./ways.ts";

const ROUNDS = 5;
/** `compression.levels` where a config says nothing. */
const DEFAULTS = { br: 3, zstd: 3, gzip: 3 };

// pnpm passes a literal `--` on.
const args = process.argv.slice(2).filter((each) => each !== "--");
const tell = (line: string): void => void process.stderr.write(`${line}\n`);

if (args.some((each) => each !== "--record")) {
  tell(`found ${args.join(" ")}, expected nothing or --record, which writes the tables into docs/performance.md`);
  process.exitCode = 2;
} else {
  const setting = describeSetting({
    date: new Date().toISOString().slice(0, 10),
    command: ["pnpm bench:compression", ...args].join(" "),
    machine: describeMachine([]),
  });
  const figures = await measureLevels(ROUNDS, tell);
  const ways = await waysTable(DEFAULTS, ROUNDS, tell);
  const text = [setting, levelsTable(figures), "CPU µs for one body, by way:", ways].join("\n\n");
  process.stdout.write(`${text}\n`);
  if (args.length > 0) tell(`written: ${writeSection("compression", "pnpm bench:compression --record", text)}`);
}

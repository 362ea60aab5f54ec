import { Command, InvalidArgumentError } from "commander";
import { PEER_NAMES } from "./peers.ts";
import { SCENARIO_NAMES } from "./scenarios.ts";

export interface Options {
  readonly scenario: readonly string[];
  readonly peers: readonly string[];
  readonly reps: number;
  readonly seconds: number;
  readonly warmUp: number;
  readonly record: boolean;
  readonly check: boolean;
  readonly json?: string;
}

/** Reads names separated by commas, and puts them in the order in which they are known. */
export function listOf(known: readonly string[]): (text: string) => readonly string[] {
  return (text) => {
    const names = text.split(",").map((name) => name.trim());
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined)
      throw new InvalidArgumentError(`there is no '${unknown}'; known are ${known.join(", ")}`);
    return known.filter((name) => names.includes(name));
  };
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1000) {
    throw new InvalidArgumentError("expected a whole number from 1 to 1000");
  }
  return value;
}

/**
 * What a benchmark's command line asks for.
 * @throws CommanderError where it is wrong, or asked for help
 */
export function optionsOf<O extends object>(command: Command, argv: readonly string[]): O {
  // pnpm passes a literal `--` on.
  const own = argv[0] === "--" ? argv.slice(1) : argv;
  return command.allowExcessArguments(false).exitOverride().parse(own, { from: "user" }).opts<O>();
}

const guide = `
Scenarios: ${SCENARIO_NAMES.join(" ")}
Proxies:   ${PEER_NAMES.join(" ")}

Examples:
  pnpm bench --scenario pass1k,hit1k --peers headgate,nginx
  pnpm bench --seconds 1 --reps 7        for a machine that has other things to do
  pnpm bench --record                    about 18 minutes; writes docs/performance.md and the ratios
  pnpm bench --check --record            a minute; writes the ratios that --check holds, nothing else

Exit status: 0 all well, 1 nothing could be measured or --check failed, 2 wrong arguments, 130 stopped by Ctrl-C.`;

/** Reads the command line. Throws commander's `CommanderError` where it is wrong (`writeError` is told) or help was asked for. */
export function readOptions(argv: readonly string[], writeError: (text: string) => void): Options {
  const command = new Command("bench")
    .description("Measures Headgate side by side with other proxies: CPU time for each request, above all.")
    .option("--scenario <names>", "which scenarios, separated by commas", listOf(SCENARIO_NAMES), SCENARIO_NAMES)
    .option("--peers <names>", "which proxies, separated by commas", listOf(PEER_NAMES), PEER_NAMES)
    .option("--reps <n>", "repetitions, interleaved", wholeNumber, 3)
    .option("--seconds <n>", "length of each repetition", wholeNumber, 2)
    .option("--warm-up <n>", "seconds of load before a proxy's first repetition", wholeNumber, 6)
    .option("--json <file>", "write all figures as JSON")
    .option("--record", "write table and chart into docs/, and the ratios that --check holds", false)
    .option("--check", "a short run: fail where Headgate costs 1.3 times as much as recorded, against bare-node", false)
    .addHelpText("after", guide)
    .showHelpAfterError("(pnpm bench --help tells what is possible)")
    .configureOutput({ writeErr: writeError });
  return optionsOf(command, argv);
}

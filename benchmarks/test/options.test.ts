import { readOptions } from "../src/options.ts";
import { PEER_NAMES } from "../src/peers.ts";
import { SCENARIO_NAMES } from "../src/scenarios.ts";

const silent = (): void => undefined;

test("without arguments all is measured and nothing written", () => {
  const options = readOptions([], silent);
  expect(options).toEqual({
    ...{ scenario: SCENARIO_NAMES, peers: PEER_NAMES, reps: 3, seconds: 2, warmUp: 6 },
    ...{ record: false, check: false },
  });
});

test("names come in the order of the tables, whatever was typed", () => {
  const options = readOptions(
    ["--", "--scenario", "hit1k, pass1k", "--peers", "nginx,headgate", "--reps", "7"],
    silent,
  );
  expect(options.scenario).toEqual(["pass1k", "hit1k"]);
  expect(options.peers).toEqual(["headgate", "nginx"]);
  expect(options.reps).toBe(7);
});

test.each([
  [["--scenario", "pass1k,hit"], "there is no 'hit'; known are pass1k, hit1k"],
  [["--peers", "apache"], "there is no 'apache'; known are headgate, nginx"],
  [["--seconds", "0.5"], "expected a whole number from 1 to 1000"],
  [["pass1k"], "too many arguments"],
])("%j is told to be wrong", (argv, message) => {
  const printed: string[] = [];
  expect(() => readOptions(argv, (text) => printed.push(text))).toThrow(message);
  expect(printed.join("")).toContain(message);
});

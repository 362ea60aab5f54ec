import { EventEmitter } from "node:events";
import { watchSignals } from "../src/control/signals.ts";

function bench() {
  const source = new EventEmitter();
  const log: string[] = [];
  let now = 0;
  const off = watchSignals(
    source,
    () => now,
    (reason) => log.push(`stop ${reason}`),
    (exitCode) => log.push(`exit ${exitCode}`),
  );
  return {
    log,
    off,
    source,
    at(ms: number, event: string): void {
      now = ms;
      source.emit(event);
    },
  };
}

test.each(["SIGTERM", "SIGINT", "disconnect"])("%s stops in order", (event) => {
  const { at, log } = bench();
  at(0, event);
  expect(log).toEqual([`stop ${event}`]);
});

test.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
])("a second signal exits at once: %s with %i", (event, code) => {
  const { at, log } = bench();
  at(0, "SIGTERM");
  at(2000, event);
  expect(log).toEqual(["stop SIGTERM", `exit ${code}`]);
});

test("a Ctrl-C that comes twice, from the terminal and from the parent, is one; so is the parent's end", () => {
  const { at, log } = bench();
  at(0, "SIGINT");
  at(5, "SIGINT");
  at(40, "SIGTERM");
  at(3000, "disconnect");
  expect(log).toEqual(["stop SIGINT"]);
});

test("a person who presses Ctrl-C after the parent has gone is heard", () => {
  const { at, log } = bench();
  at(0, "disconnect");
  at(1000, "SIGINT");
  expect(log).toEqual(["stop disconnect", "exit 130"]);
});

test("takes its listeners off", () => {
  const { off, source } = bench();
  off();
  expect(source.eventNames()).toEqual([]);
});

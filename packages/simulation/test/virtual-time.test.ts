import { VirtualTime } from "../src/virtual-time.ts";

const react = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("timers run in the order of their time, equal ones as they were set, each at its time; those called off do not", async () => {
  const time = new VirtualTime(react);
  const log: string[] = [];
  const note = (name: string) => () => {
    log.push(`${name} ${time.now()}`);
  };
  time.schedule(note("late"), 20);
  time.schedule(note("one"), 10);
  time.schedule(note("two"), 10);
  time.schedule(note("never"), 10)();
  time.schedule(() => time.schedule(note("nested"), 0), 10);
  await time.runUntil(() => log.length === 4);
  expect(log).toEqual(["one 10", "two 10", "nested 10", "late 20"]);
});

test("promises that a timer settled react before the next timer", async () => {
  const time = new VirtualTime(react);
  const log: string[] = [];
  time.schedulePromised(() => void Promise.resolve().then(() => log.push("reaction")), 1);
  time.schedule(() => log.push("timer"), 1);
  await time.runUntil(() => log.length === 2);
  expect(log).toEqual(["reaction", "timer"]);
});

test("thousands that are called off leave the others as they were", async () => {
  const time = new VirtualTime(react);
  const seen: number[] = [];
  const stop = Array.from({ length: 10_000 }, (_, index) => time.schedule(() => seen.push(index), 10_000 - index));
  stop.forEach((callOff, index) => {
    if (index % 1000 === 0) return;
    callOff();
    callOff();
  });
  await time.runUntil(() => seen.length === 10);
  expect(seen).toEqual([9000, 8000, 7000, 6000, 5000, 4000, 3000, 2000, 1000, 0]);
});

test("to wait for what never comes is an error", async () => {
  const time = new VirtualTime(react);
  time.schedule(() => undefined, 5);
  await expect(time.runUntil(() => false)).rejects.toThrow("Nothing is left to happen");
});

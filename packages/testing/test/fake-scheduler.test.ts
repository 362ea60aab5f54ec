import { FakeClock, FakeScheduler } from "../src/index.ts";

function recorder(): { scheduler: FakeScheduler; seen: string[]; at: (name: string, ms: number) => () => void } {
  const scheduler = new FakeScheduler(1000);
  const seen: string[] = [];
  const at = (name: string, ms: number) => scheduler.schedule(() => seen.push(`${name}@${scheduler.now()}`), ms);
  return { scheduler, seen, at };
}

describe("FakeScheduler", () => {
  test("runs timers in the order of their time, equal ones in the order set, each at its own time", () => {
    const { scheduler, seen, at } = recorder();
    at("late", 30);
    at("first", 10);
    at("second", 10);
    at("too late", 31);
    scheduler.advance(30);
    expect(seen).toEqual(["first@1010", "second@1010", "late@1030"]);
    expect(scheduler.now()).toBe(1030);
    expect(scheduler.pending).toBe(1);
  });

  test("runs timers that timers set, if they fall due", () => {
    const { scheduler, seen, at } = recorder();
    scheduler.schedule(() => at("inner", 5), 10);
    scheduler.advance(14);
    expect(seen).toEqual([]);
    scheduler.advance(1);
    expect(seen).toEqual(["inner@1015"]);
  });

  test("does not run a cancelled timer, and cancelling afterwards does nothing", () => {
    const { scheduler, seen, at } = recorder();
    const cancel = at("a", 10);
    const cancelLate = at("b", 10);
    cancel();
    scheduler.advance(10);
    cancelLate();
    expect(seen).toEqual(["b@1010"]);
    expect(scheduler.pending).toBe(0);
  });

  test("a delay of zero or less waits for the next advance", () => {
    const { scheduler, seen, at } = recorder();
    at("a", 0);
    at("b", -5);
    expect(seen).toEqual([]);
    scheduler.advance(0);
    expect(seen).toEqual(["a@1000", "b@1000"]);
  });

  test("runs until idle, and gives up on timers that never end", async () => {
    const { scheduler, seen, at } = recorder();
    at("far", 1_000_000);
    scheduler.runUntilIdle();
    expect(seen).toEqual(["far@1001000"]);
    const again = (): void => void scheduler.schedule(again, 1);
    again();
    expect(() => scheduler.runUntilIdle(10)).toThrow("More than 10 timers");
    await expect(scheduler.runUntilIdleAsync(10)).rejects.toThrow("More than 10 timers");
  });

  test("lets promises settle between timers", async () => {
    const { scheduler, seen } = recorder();
    const wait = (ms: number) => new Promise<void>((resolve) => scheduler.schedule(resolve, ms));
    const work = async (): Promise<void> => {
      for (let i = 0; i < 3; i += 1) {
        await wait(10);
        await Promise.resolve();
        seen.push(`step@${scheduler.now()}`);
      }
    };
    const done = work();
    await scheduler.advanceAsync(20);
    expect(seen).toEqual(["step@1010", "step@1020"]);
    await scheduler.runUntilIdleAsync();
    await done;
    expect(seen).toEqual(["step@1010", "step@1020", "step@1030"]);
  });
});

test("FakeClock stands still until it is moved", () => {
  const clock = new FakeClock(5);
  const { now } = clock;
  expect(now()).toBe(5);
  clock.advance(10);
  expect(now()).toBe(15);
  clock.set(3);
  expect(now()).toBe(3);
});

import { setImmediate as turnsEnd } from "node:timers/promises";
import { atTurnsEnd, turnNow } from "../../../src/upstream/client/turn-ends.ts";
import { reportedBugs } from "../support/reported-bugs.ts";

test("a turn has one number, and the next another, whether or not anybody waits for its end", async () => {
  const first = turnNow();
  expect(turnNow()).toBe(first);
  await turnsEnd();
  const second = turnNow();
  expect(second).not.toBe(first);
  await turnsEnd();
  expect(turnNow()).not.toBe(second);
});

test("who asks is told at the turn's end, in order; who asks while they are told is told after the next", async () => {
  const told: string[] = [];
  const turn = turnNow();
  const say = (what: string) => ({ turnEnds: () => void told.push(`${what} ${turnNow() - turn}`) });
  atTurnsEnd({
    turnEnds: () => {
      say("a").turnEnds();
      atTurnsEnd(say("c"));
    },
  });
  atTurnsEnd(say("b"));
  expect(told).toEqual([]);
  await turnsEnd();
  expect(told).toEqual(["a 0", "b 0"]);
  await turnsEnd();
  expect(told).toEqual(["a 0", "b 0", "c 1"]);
});

test("a bug in one leaves the others their turn, and is reported", async () => {
  const bug = new Error("a bug");
  const told: string[] = [];
  const bugs = await reportedBugs(async () => {
    atTurnsEnd({
      turnEnds: () => {
        throw bug;
      },
    });
    atTurnsEnd({ turnEnds: () => void told.push("the other") });
    await turnsEnd();
  });
  expect([bugs, told]).toEqual([[bug], ["the other"]]);
});

test("a turn's end costs one task, whoever asks for its number meanwhile", async () => {
  await turnsEnd();
  const { setImmediate: schedule } = globalThis;
  let tasks = 0;
  globalThis.setImmediate = ((task: () => void) => {
    tasks += 1;
    return schedule(task);
  }) as typeof schedule;
  for (let i = 0; i < 3; i += 1) atTurnsEnd({ turnEnds: () => void turnNow() });
  await turnsEnd();
  await turnsEnd();
  globalThis.setImmediate = schedule;
  expect(tasks).toBe(1);
});

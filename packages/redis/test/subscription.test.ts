import { FakeScheduler } from "@headgate/testing";
import { Subscription } from "../src/subscription.ts";
import { FakeListeners, settle } from "./fakes.ts";

function listen() {
  const time = new FakeScheduler();
  const listeners = new FakeListeners();
  const told: string[] = [];
  const subscription = new Subscription({
    ...{ open: listeners.open, schedule: time.schedule, random: () => 1 },
    channels: { a: (text) => told.push(`a ${text}`), b: (text) => told.push(`b ${text}`) },
    onHearing: () => told.push("hearing"),
    onDeaf: () => told.push("deaf"),
  });
  return { time, listeners, told, subscription };
}

test("what is said goes to whom it concerns", () => {
  const { listeners, told } = listen();
  listeners.last.subscribed();
  listeners.last.message("a", "1");
  listeners.last.message("b", "2");
  listeners.last.message("c", "3");
  expect(told).toEqual(["hearing", "a 1", "b 2"]);
});

test("a lost connection is followed by another, elsewhere, after ever longer breaks", async () => {
  const { time, listeners, told } = listen();
  listeners.last.subscribed();
  const at: number[] = [];
  for (let losses = 0; losses < 7; losses++) {
    const count = listeners.opened.length;
    listeners.last.lost("gone");
    const since = time.now();
    while (listeners.opened.length === count) time.advance(50);
    at.push(time.now() - since);
  }
  expect(at).toEqual([100, 200, 400, 800, 1600, 2000, 2000]);
  expect(listeners.opened.map(({ attempt }) => attempt)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(told).toEqual(["hearing", "deaf"]);
  listeners.last.subscribed();
  listeners.last.lost("again");
  expect(told).toEqual(["hearing", "deaf", "hearing", "deaf"]);
  const count = listeners.opened.length;
  time.advance(100);
  expect(listeners.opened).toHaveLength(count + 1);
});

test("a connection that answers its pings stays", async () => {
  const { time, listeners, told } = listen();
  listeners.last.subscribed();
  await time.advanceAsync(20_000);
  expect(listeners.opened).toMatchObject([{ pings: 10, isClosed: false }]);
  expect(told).toEqual(["hearing"]);
});

test.each([
  ["is silent", () => new Promise(() => undefined)],
  ["refuses to answer", () => Promise.reject(new Error("ERR"))],
])("a connection that %s is given up", async (_, answer) => {
  const { time, listeners, told } = listen();
  listeners.last.subscribed();
  listeners.answer = answer;
  await time.advanceAsync(3999);
  expect(told).toEqual(["hearing"]);
  await time.advanceAsync(1);
  expect(told).toEqual(["hearing", "deaf"]);
  expect(listeners.opened[0]?.isClosed).toBe(true);
  await time.advanceAsync(100);
  expect(listeners.opened).toHaveLength(2);
});

test("an answer that comes after the connection was lost starts nothing", async () => {
  const { time, listeners } = listen();
  let answer: (pong: unknown) => void = () => undefined;
  listeners.answer = () => new Promise((resolve) => (answer = resolve));
  listeners.last.subscribed();
  time.advance(2000);
  listeners.last.lost("gone");
  answer("PONG");
  await settle();
  expect(time.pending).toBe(1);
});

test("once it is closed, nothing goes on", async () => {
  const { time, listeners, told, subscription } = listen();
  listeners.last.subscribed();
  subscription.close();
  listeners.last.subscribed();
  listeners.last.lost("late");
  await time.advanceAsync(10_000);
  expect({ timers: time.pending, opened: listeners.opened.length, told }).toEqual({
    timers: 0,
    opened: 1,
    told: ["hearing"],
  });
  expect(listeners.opened[0]?.isClosed).toBe(true);
});

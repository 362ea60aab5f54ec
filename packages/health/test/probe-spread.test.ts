import { FakeBackends } from "./fake-backends.ts";

/** The most of the ascending times that lie within `span` ms of each other. */
function most(times: readonly number[], span: number): number {
  let from = 0;
  return times.reduce((found, time, index) => {
    while (time - (times[from] ?? time) >= span) from++;
    return Math.max(found, index - from + 1);
  }, 0);
}

function allStarts({ starts }: FakeBackends): number[] {
  return [...starts.values()].flat().sort((a, b) => a - b);
}

function poolOf(size: number, interval = 1000): FakeBackends {
  const fake = new FakeBackends({ interval });
  for (let index = 0; index < size; index++) fake.checker.add(`b${index}`);
  return fake;
}

test("a thousand backends are never probed in bursts: not at the start, not in the first intervals, not later", async () => {
  const fake = poolOf(1000);
  await fake.time.advanceAsync(60_000);
  const starts = allStarts(fake);
  const evenShare = 1000 * (50 / 1000);
  expect(starts.length).toBeGreaterThan(1000 * 58);
  expect(most(starts, 50)).toBeLessThanOrEqual(3 * evenShare);
  const steady = starts.filter((at) => at > 3000);
  expect(most(steady, 50)).toBeLessThanOrEqual(2 * evenShare);
});

test("of any number above the burst, the first probes lie evenly", async () => {
  for (const size of [100, 300, 3000]) {
    const fake = poolOf(size);
    await fake.time.advanceAsync(590);
    const firsts = [...fake.starts.values()].flatMap(([first = 0]) => (first > 0 ? [first] : []));
    expect(
      most(
        firsts.sort((a, b) => a - b),
        50,
      ),
    ).toBeLessThanOrEqual(size * (50 / 600) + 4);
  }
});

test.each([
  ["a small pool as soon as its backends answer", 32, 1000, 6],
  ["a big one within 0.6 of an interval", 1000, 1000, 606],
  ["a big one that is checked seldom in the same time", 1000, 30_000, 606],
  ["one that is checked often within its interval", 1000, 100, 66],
])("first probes settle %s", async (_, size, interval, within) => {
  const fake = poolOf(size, interval);
  let settled = false;
  void fake.checker.whenSettled().then(() => {
    settled = true;
  });
  await fake.time.advanceAsync(within);
  expect(settled).toBe(true);
});

test("a backend that joins a big pool is probed at once", async () => {
  const fake = poolOf(1000);
  await fake.time.advanceAsync(5000);
  fake.checker.add("late");
  await fake.time.advanceAsync(0);
  expect(fake.startsOf("late")).toEqual([5000]);
});

import { createLoadMeter } from "../src/load.ts";

function fakeMeter() {
  const state = { uptime: 1000, cpuTime: 100 };
  const memory = () => ({ rss: 1000, heapUsed: 500 });
  const meter = createLoadMeter({ uptime: () => state.uptime, cpuTime: () => state.cpuTime, memory });
  return { state, meter };
}

test("the first sample covers the time since the start", () => {
  expect(fakeMeter().meter(3)).toMatchObject({ cpu: 0.1, rss: 1000, heapUsed: 500, active: 3 });
});

test("later samples cover the time since the one before", () => {
  const { state, meter } = fakeMeter();
  meter(0);
  Object.assign(state, { uptime: 2000, cpuTime: 850 });
  expect(meter(0).cpu).toBe(0.75);
  Object.assign(state, { uptime: 3000 });
  expect(meter(0).cpu).toBe(0);
});

test("samples closer than a quarter of a second share a window", () => {
  const { state, meter } = fakeMeter();
  meter(0);
  Object.assign(state, { uptime: 1249, cpuTime: 349 });
  expect(meter(0).cpu).toBe(0.1);
  Object.assign(state, { uptime: 1250, cpuTime: 350 });
  expect(meter(0).cpu).toBe(1);
});

test("this process has a load", () => {
  const { cpu, memory, rss, free } = createLoadMeter()(0);
  expect(cpu).toBeGreaterThanOrEqual(0);
  expect(memory).toBeGreaterThan(0);
  expect(memory).toBeLessThan(1);
  expect(rss).toBeGreaterThan(1e6);
  expect(free).toBeGreaterThan(0);
});

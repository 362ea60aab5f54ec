import fc from "fast-check";
import { descendants, parseCpuList, parseStat, parseStatusKb } from "../src/proc.ts";

const stat = (command: string): string =>
  `4711 (${command}) S 17 4711 4711 0 -1 4194560 2034 99 1 0 250 50 7 3 20 0 11 0 8123 123456789 4321 18446744073709551615`;

test("ticks are those of user and system, its own and of children that have ended", () => {
  expect(parseStat(stat("nginx"))).toEqual({ parent: 17, ticks: 310 });
});

test.each(["a b", "node (worker)", ") R 1 (", "x) S 5 5 5 (y"])(
  "a command named %j is not mistaken for fields",
  (command) => {
    expect(parseStat(stat(command))).toEqual({ parent: 17, ticks: 310 });
  },
);

test("memory is read by its name", () => {
  const status = "Name:\tnode\nVmPeak:\t 1200000 kB\nVmHWM:\t   84216 kB\nVmRSS:\t   80000 kB\nThreads:\t11\n";
  expect([parseStatusKb(status, "VmHWM"), parseStatusKb(status, "VmRSS"), parseStatusKb(status, "VmSwap")]).toEqual([
    84_216, 80_000, 0,
  ]);
});

test("a tree holds children's children and no one else", () => {
  const parents = new Map([
    [10, 1],
    [11, 10],
    [12, 11],
    [13, 10],
    [20, 1],
    [21, 20],
  ]);
  expect([...descendants(10, parents)].sort()).toEqual([10, 11, 12, 13]);
  expect(descendants(21, parents)).toEqual([21]);
});

test.each([
  ["0-1", [0, 1]],
  ["3", [3]],
  ["0,2-4,9\n", [0, 2, 3, 4, 9]],
])("CPUs %j", (list, cpus) => {
  expect(parseCpuList(list)).toEqual(cpus);
});

test("a list of CPUs reads as it was written", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(255), { minLength: 1 }), (cpus) => {
      expect(parseCpuList(cpus.join(","))).toEqual(cpus);
    }),
  );
});

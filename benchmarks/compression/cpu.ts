/** What one piece of work takes, µs: CPU of all threads, and the time until it is done. */
export interface Cost {
  readonly cpu: number;
  readonly elapsed: number;
}

/** The least of both. What disturbs a measurement only ever adds to it. */
export function least(costs: readonly Cost[]): Cost {
  return { cpu: Math.min(...costs.map(({ cpu }) => cpu)), elapsed: Math.min(...costs.map(({ elapsed }) => elapsed)) };
}

/** Repeats a work for about so many ms, and tells what it takes once. */
export async function costOf(work: () => unknown, ms: number): Promise<Cost> {
  const before = process.cpuUsage();
  const from = performance.now();
  let times = 0;
  do {
    const result = work();
    // Awaiting what is there already would cost what is to be measured.
    if (result instanceof Promise) await result;
    times += 1;
  } while (performance.now() - from < ms);
  const elapsed = ((performance.now() - from) * 1000) / times;
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / times, elapsed };
}

import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import { getHeapStatistics, setFlagsFromString } from "node:v8";

/** Memory that may fill up before all of it is looked through for garbage, beyond what lived the last time; bytes. */
const HEADROOM = 96 * 2 ** 20;
/** Below this V8 chooses better by itself, %. */
const LEAST_GROWTH = 30;

/**
 * Settings of V8 for a process that serves, which it heeds at run time.
 *
 * After some seconds with little to do V8 gives memory back, and throws away machine code of all that no live object uses at that
 * moment: the thousands of requests behind a pause cost half as much again and more, since it is compiled anew. Garbage is collected
 * when memory fills up, as under load (docs/decisions/0012).
 */
export function tuneEngine(): void {
  setFlagsFromString("--memory-reducer-gc-count=0");
  settleStrings();
  giveRoom();
  new PerformanceObserver((list) => {
    if (list.getEntries().some(isFull)) giveRoom();
  }).observe({ entryTypes: ["gc"] });
}

function isFull(entry: PerformanceEntry): boolean {
  const { detail } = entry as PerformanceEntry & { readonly detail?: { readonly kind?: number } };
  return detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}

/** For the next full collection but one: V8 has settled the next at the end of the last. */
function giveRoom(): void {
  const { used_heap_size: used, external_memory: external } = getHeapStatistics();
  setFlagsFromString(`--heap-growing-percent=${growthFor(used + external)}`);
}

/**
 * By how much memory may grow before the next full collection, % of what lives. By itself V8 takes a tenth to a third for a heap as
 * small as a proxy's, of some 30 MiB, but counts the buffers of bodies too, which come and go by more than that: it marked the whole heap
 * eight times a second, which was up to half of all CPU time. A large heap, as of a full cache, gets no more than the same room.
 * @param live bytes that live, buffers included
 * @returns 0: as V8 finds best
 */
export function growthFor(live: number): number {
  const percent = Math.round((100 * HEADROOM) / live);
  return percent < LEAST_GROWTH ? 0 : percent;
}

/** Look-ups after which V8 takes a prototype for one that is used. */
const LOOK_UPS = 100;

/**
 * A dependency (ioredis) declares a subclass of String. V8 keeps String.prototype as an object under construction from then on,
 * and no method call on a string is compiled inline any more: reading one letter after the other took five times as long. The
 * look-up of a method on an instance of such a class ends that; one on a string does not.
 */
function settleStrings(): void {
  class Text extends String {}
  const text = new Text("");
  for (let i = 0; i < LOOK_UPS; i += 1) text.charCodeAt(i);
}

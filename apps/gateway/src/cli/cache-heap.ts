import { getHeapStatistics } from "node:v8";
import { formatSize } from "../config/units.ts";

const MIB = 2 ** 20;
/** What V8 reckons as part of its limit for objects that are new: three semi-spaces of 32 MiB. */
const YOUNG = 96 * MIB;

/**
 * Bytes of V8's heap that the cache may take: half of what is free at the start. At the heap's limit V8 ends the process, and long before
 * that it does little else than collect garbage. Bodies lie elsewhere; all else of an entry, which may be more, lies there.
 */
export function heapForCache({ limit, used }: { readonly limit: number; readonly used: number }): number {
  return Math.max(0, Math.floor((limit - YOUNG - used) / 2));
}

/** What this process may give the cache of its heap, bytes. */
export function cacheHeap(): number {
  const { heap_size_limit: limit, used_heap_size: used } = getHeapStatistics();
  return heapForCache({ limit, used });
}

/** Tells whoever gave the cache more than entries without bodies may take. */
export function tellCacheHeap(memory: number, heap: number, tell: (text: string) => void): void {
  if (memory <= heap) return;
  const most = formatSize(Math.floor(heap / MIB) * MIB);
  tell(
    `cache.memory is ${formatSize(memory)}: bodies may take all of it, what is kept beside them ${most}, since it lies in Node's heap; NODE_OPTIONS=--max-old-space-size=<MiB> makes that larger`,
  );
}

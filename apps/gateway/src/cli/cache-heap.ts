import { getHeapStatistics } from "node:v8";
import { formatSize } from "../config/units.ts";

const MIB = 2 ** 20;
/** V8's semi-space unless an option sets it; smaller where memory is small, which gives the cache less than there would be. */
const SEMI_SPACE = 32 * MIB;
const SEMI_SPACE_OPTION = /--max[-_]semi[-_]space[-_]size[= ](\d+)/g;

export interface HeapFacts {
  /** Where V8 ends the process, bytes. */
  readonly limit: number;
  /** Bytes in use. */
  readonly used: number;
  /** What node was started with, the one that counts last. */
  readonly options: string;
}

/**
 * Bytes of V8's heap that the cache may take: half of what is free at the start. At the heap's limit V8 ends the process, and long before
 * that it does little else than collect garbage. Bodies lie elsewhere; all else of an entry, which may be more, lies there.
 */
export function heapForCache({ limit, used, options }: HeapFacts): number {
  const told = [...options.matchAll(SEMI_SPACE_OPTION)].at(-1)?.[1];
  const semiSpace = told === undefined ? SEMI_SPACE : Number(told) * MIB;
  // V8 counts three of them into its limit, for objects that are new.
  return Math.max(0, Math.floor((limit - 3 * semiSpace - used) / 2));
}

/** What this process may give the cache of its heap, bytes. */
export function cacheHeap(): number {
  const { heap_size_limit: limit, used_heap_size: used } = getHeapStatistics();
  const options = [process.env.NODE_OPTIONS ?? "", ...process.execArgv].join(" ");
  return heapForCache({ limit, used, options });
}

/**
 * Tells whoever gave the cache more than entries without bodies may take.
 * @param memory of all processes together, bytes
 * @param heap what their heaps may give it together, bytes
 */
export function tellCacheHeap(memory: number, heap: number, tell: (text: string) => void): void {
  if (memory <= heap) return;
  const most = formatSize(Math.floor(heap / MIB) * MIB);
  tell(
    `cache.memory is ${formatSize(memory)}: bodies may take all of it, what is kept beside them at most ${most}, since that lies in Node's heap; NODE_OPTIONS=--max-old-space-size=<MiB> makes that larger`,
  );
}

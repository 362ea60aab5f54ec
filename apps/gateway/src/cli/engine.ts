import { setFlagsFromString } from "node:v8";

/**
 * Settings of V8 for a process that serves. After some seconds with little to do V8 gives memory back, and throws away machine
 * code of all that no live object uses at that moment: the thousand requests behind a pause cost half as much again and
 * more, since they are compiled anew. Garbage is collected when memory fills up, as under load (docs/performance.md).
 */
export function tuneEngine(): void {
  setFlagsFromString("--memory-reducer-gc-count=0");
}

import { setFlagsFromString } from "node:v8";

/**
 * Settings of V8 for a process that serves. After some seconds with little to do V8 gives memory back, and throws away machine
 * code of all that no live object uses at that moment: the thousands of requests behind a pause cost half as much again and
 * more, since it is compiled anew. Garbage is collected when memory fills up, as under load (docs/performance.md).
 */
export function tuneEngine(): void {
  setFlagsFromString("--memory-reducer-gc-count=0");
  settleStrings();
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

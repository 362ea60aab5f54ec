import type { Readiness } from "./control-plane.ts";
import type { Phase } from "./gateway-state.ts";

export interface PoolReadiness {
  readonly name: string;
  /** It has a backend that may be chosen. */
  readonly usable: boolean;
  /** The first checks are in. */
  readonly settled: boolean;
}

/**
 * Ready is a gateway that accepts connections and has a pool that can serve. One pool without backends does not make it
 * unready: it would take the others' traffic away too.
 */
export function planReadiness(phase: Phase, pools: readonly PoolReadiness[]): Readiness {
  if (phase === "starting") return { ready: false, reasons: ["The gateway is starting."] };
  if (phase === "stopping") return { ready: false, reasons: ["The gateway is stopping."] };
  if (pools.some(({ usable }) => usable)) return { ready: true, reasons: [] };
  return { ready: false, reasons: pools.map(whyUnusable) };
}

function whyUnusable({ name, settled }: PoolReadiness): string {
  if (settled) return `The pool ${name} has no usable backend.`;
  return `The pool ${name} awaits its first health checks.`;
}

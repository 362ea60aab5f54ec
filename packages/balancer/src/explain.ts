import type { Backend } from "./backend.ts";
import type { Levels } from "./levels.ts";
import type { ChooseContext } from "./policy.ts";

/** Why not there. `standby`: the levels before its own serve all. */
export type SkipReason = "pending" | "unreachable" | "ejected" | "draining" | "weight-0" | "tried" | "full" | "standby";

/** One backend, as it stands for one exchange. */
export type BackendReport =
  | { readonly backend: Backend; readonly usable: true; readonly reason: "candidate" | "pinned" | "panic" }
  | { readonly backend: Backend; readonly usable: false; readonly reason: SkipReason };

/** Says of each backend whether the exchange could go there, and what stands against it. */
export function explainBackends(
  backends: readonly Backend[],
  { levels, panic }: Levels,
  context: ChooseContext,
): readonly BackendReport[] {
  const serving = new Set(levels.filter(({ share }) => share > 0).flatMap(({ candidates }) => candidates));
  return backends.map((backend) => {
    const { tried, pinned } = context;
    if (backend.id === pinned && backend.available && !backend.ejected && !tried?.includes(pinned)) {
      return { backend, usable: true, reason: "pinned" };
    }
    const against = fault(backend, panic) ?? transient(backend, context) ?? (serving.has(backend) ? null : "standby");
    if (against !== null) return { backend, usable: false, reason: against };
    return { backend, usable: true, reason: backend.usable ? "candidate" : "panic" };
  });
}

function fault(backend: Backend, panic: boolean): SkipReason | null {
  if (backend.draining) return "draining";
  if (backend.weight <= 0) return "weight-0";
  if (backend.pending) return "pending";
  if (panic) return null;
  if (!backend.available) return "unreachable";
  return backend.ejected ? "ejected" : null;
}

function transient(backend: Backend, { tried }: ChooseContext): SkipReason | null {
  if (tried?.includes(backend.id)) return "tried";
  return backend.active >= backend.maxActive ? "full" : null;
}

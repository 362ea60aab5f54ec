import type { Backend } from "./backend.ts";
import type { Level, Levels } from "./levels.ts";
import type { ChooseContext } from "./policy.ts";
import { weightAt } from "./weight.ts";

/** Why not there. `standby`: the levels before its own serve all. `beyond-subset`: it is left to other gateways. */
export type SkipReason =
  | "pending"
  | "unreachable"
  | "ejected"
  | "draining"
  | "weight-0"
  | "tried"
  | "full"
  | "standby"
  | "beyond-subset";

/** One backend, as it stands for one exchange. */
export type BackendReport = Standing & {
  readonly backend: Backend;
  /** What it counts for now: its weight, less while it ramps up. */
  readonly weight: number;
  /** The level that it is a candidate of, and that level's share of new exchanges; null where it is of none. */
  readonly level: { readonly key: string; readonly share: number } | null;
};

type Standing =
  | { readonly usable: true; readonly reason: "candidate" | "pinned" | "panic" }
  | { readonly usable: false; readonly reason: SkipReason };

type Context = Omit<ChooseContext, "random">;

/** Says of each backend whether the exchange could go there, and what stands against it. */
export function explainBackends(
  backends: readonly Backend[],
  { levels, panic }: Levels,
  context: Context,
): readonly BackendReport[] {
  const levelOf = new Map(levels.flatMap((level) => level.candidates.map((backend) => [backend, level])));
  return backends.map((backend) => {
    const level = levelOf.get(backend);
    return {
      backend,
      weight: weightAt(backend, context.now),
      level: level === undefined ? null : { key: level.key, share: level.share },
      ...standing(backend, level, panic, context),
    };
  });
}

function standing(backend: Backend, level: Level | undefined, panic: boolean, context: Context): Standing {
  const { tried, pinned } = context;
  if (backend.id === pinned && backend.available && !backend.ejected && !tried?.includes(pinned)) {
    return { usable: true, reason: "pinned" };
  }
  const against = fault(backend, panic) ?? transient(backend, context) ?? idle(level);
  if (against !== null) return { usable: false, reason: against };
  return { usable: true, reason: backend.usable ? "candidate" : "panic" };
}

function fault(backend: Backend, panic: boolean): SkipReason | null {
  if (backend.draining) return "draining";
  if (backend.weight <= 0) return "weight-0";
  if (backend.pending) return "pending";
  if (panic) return null;
  if (!backend.available) return "unreachable";
  return backend.ejected ? "ejected" : null;
}

function idle(level: Level | undefined): SkipReason | null {
  if (level !== undefined && level.share > 0) return null;
  return level?.beyondSubset === true ? "beyond-subset" : "standby";
}

function transient(backend: Backend, { tried }: Context): SkipReason | null {
  if (tried?.includes(backend.id)) return "tried";
  return backend.active >= backend.maxActive ? "full" : null;
}

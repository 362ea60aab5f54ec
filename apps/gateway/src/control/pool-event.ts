import type { EjectionReason, HealthState } from "@headgate/health";
import type { ChangedBy } from "./pool-members.ts";

/** What happened to a backend of a pool. */
export type PoolEvent = { readonly pool: string; readonly backend: string } & (
  | { readonly kind: "state"; readonly from: HealthState; readonly to: HealthState; readonly reason: string }
  /** Put aside because a connection was refused, or for the faults of its traffic. */
  | { readonly kind: "ejected"; readonly reason: EjectionReason | "refused" }
  /** Taken back after a good probe, or when its time was over. */
  | { readonly kind: "readmitted" }
  /** By a change of the config file, by what was found, or by a lease that ran out. */
  | { readonly kind: "joined" | "left"; readonly by: ChangedBy }
);

export type PoolEventSink = (event: PoolEvent) => void;

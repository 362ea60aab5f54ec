import type { EjectionReason, HealthState } from "@headgate/health";

/** What happened to a backend of a pool. */
export type PoolEvent = { readonly pool: string; readonly backend: string } & (
  | { readonly kind: "state"; readonly from: HealthState; readonly to: HealthState; readonly reason: string }
  /** Put aside because a connection was refused, or for the faults of its traffic. */
  | { readonly kind: "ejected"; readonly reason: EjectionReason | "refused" }
  /** Taken back after a good probe, or when its time was over. */
  | { readonly kind: "readmitted" }
  /** By a change of the config file. */
  | { readonly kind: "joined" | "left" }
);

export type PoolEventSink = (event: PoolEvent) => void;

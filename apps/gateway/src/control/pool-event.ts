import type { HealthState } from "@headgate/health";

/** What happened to a backend of a pool. */
export type PoolEvent = { readonly pool: string; readonly backend: string } & (
  | { readonly kind: "state"; readonly from: HealthState; readonly to: HealthState; readonly reason: string }
  /** Put aside because a connection was refused, or taken back after a good probe. */
  | { readonly kind: "ejected" | "readmitted" }
  /** By a change of the config file. */
  | { readonly kind: "joined" | "left" }
);

export type PoolEventSink = (event: PoolEvent) => void;

import type { ConfigSnapshot } from "../config/snapshot.ts";

/** Where a gateway is in its life. */
export type Phase = "starting" | "running" | "stopping";

/** The few things of a running gateway that change; the composition root, reload and shutdown write them. */
export interface GatewayState {
  phase: Phase;
  /** The config that runs. */
  config: ConfigSnapshot;
  /** Why the file as it stands now was refused; null if it is what runs. */
  reloadError: string | null;
}

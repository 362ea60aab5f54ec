import type { ConfigSnapshot } from "../config/snapshot.ts";
import type { BackendConnections, BackendTls, ConnectionOptions } from "../upstream/send-pass.ts";
import type { AskAgent } from "./agent.ts";
import type { BackendChecks } from "./backend-checks.ts";
import type { PoolConfig } from "./connection-options.ts";
import type { ControlTime } from "./control-time.ts";
import type { DiscoveryPorts } from "./discovery/pool-discovery.ts";
import type { PoolChecksPorts } from "./pool-checks.ts";
import type { PoolEventSink } from "./pool-event.ts";
import type { Prober } from "./probe.ts";

export interface ManagedPoolPorts {
  readonly time: ControlTime;
  readonly probe: Prober;
  readonly askAgent: AskAgent;
  readonly connect: (id: string, url: string, options: ConnectionOptions) => BackendConnections;
  readonly onEvent: PoolEventSink;
  /** Signs the cookies of pools whose config names no secret; asked only where there is one. */
  readonly secret: () => string;
  readonly discovery: DiscoveryPorts;
  /** Where health comes from; by default from checks of our own. */
  readonly createChecks?: (ports: PoolChecksPorts) => BackendChecks;
}

/** What one version of the config says of a pool. */
export interface PoolSettings {
  readonly config: PoolConfig;
  readonly tls: BackendTls;
  readonly limits: ConfigSnapshot["limits"];
  /** How long exchanges may go on at a backend that left, ms. */
  readonly grace: number;
}

import type { Clock } from "../clock.ts";
import { formatDuration } from "../config/units.ts";
import type { Logger } from "../observability/log.ts";
import type { GatewayState } from "./gateway-state.ts";

/** What is told to stop, in this order. */
export interface ShutdownParts {
  readonly state: GatewayState;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes no new config any more. */
  readonly closeWatch: () => Promise<void>;
  /** Stops the data plane within `grace` ms; gives back how many exchanges were broken off. */
  readonly closeRuntime: (grace: number) => Promise<number>;
  /** Ends health checks and the connections to the backends. */
  readonly closePools: () => Promise<void>;
  /** Last of the listeners, so that readiness and metrics can be read until the end. */
  readonly closeAdmin: () => Promise<void>;
}

/**
 * Stops in order: not ready at once, no new connections, running exchanges finished within `shutdown.grace`, the rest
 * broken off, then what served them.
 */
export async function shutDown(parts: ShutdownParts, reason: string): Promise<void> {
  const { state, clock, logger } = parts;
  const { grace } = state.config.shutdown;
  const began = clock.tick();
  state.phase = "stopping";
  logger.info({ reason }, `stopping: running exchanges have ${formatDuration(grace)} to finish`);
  const watchClosed = parts.closeWatch();
  const brokenOff = await parts.closeRuntime(grace);
  await watchClosed;
  await parts.closePools();
  await parts.closeAdmin();
  const took = Math.round(clock.tick() - began);
  if (brokenOff > 0)
    logger.warn({ brokenOff, took }, "stopped: exchanges were broken off at the end of the grace time");
  else logger.info({ took }, "stopped");
}

import type { PoolChecks } from "./pool-checks.ts";

/** The health of one pool's backends: checks of our own, or what another process finds. */
export type BackendChecks = Pick<PoolChecks, keyof PoolChecks>;

export type { Arrival, Arrivals } from "./arrivals.ts";
export type { Fault, FaultKind, FaultTime } from "./fault.ts";
export type { Keys } from "./keys.ts";
export type { PoolSettings, Scenario, SimulatedBackend } from "./scenario.ts";
export type { ServerOptions } from "./server.ts";
export type { ServiceTime } from "./service-time.ts";
export { type SimulationPorts, simulate } from "./simulate.ts";
export type { Outcome, Watch } from "./tally.ts";

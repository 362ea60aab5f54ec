export { type CheckerOptions, type CheckerPorts, HealthChecker } from "./health-checker.ts";
export {
  HealthRecord,
  type HealthSnapshot,
  type HealthState,
  type ProbeResult,
  type Thresholds,
  type Transition,
} from "./health-record.ts";
export type { LoopOptions, Schedule } from "./probe-loop.ts";

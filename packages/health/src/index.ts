export { type CheckerOptions, type CheckerPorts, HealthChecker } from "./health-checker.ts";
export {
  HealthRecord,
  type HealthSnapshot,
  type HealthState,
  type ProbeResult,
  type Thresholds,
  type Transition,
  UNKNOWN_HEALTH,
} from "./health-record.ts";
export { type CheckAnswer, type Expectation, judgeResponse, type Verdict } from "./judge-response.ts";
export type { LatencyOptions } from "./outlier/latency.ts";
export {
  type Ejection,
  type EjectionReason,
  OutlierDetector,
  type OutlierOptions,
  type OutlierPorts,
} from "./outlier/outlier-detector.ts";
export type { SuccessRateOptions } from "./outlier/success-rate.ts";
export type { LoopOptions, Schedule } from "./probe-loop.ts";

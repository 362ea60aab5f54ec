/** The load a backend told of itself. Shares are 0 (idle) to 1 (its own full capacity), and may exceed 1. */
export interface LoadReport {
  /** CPU share in use. */
  readonly cpu?: number;
  /** Memory share in use. */
  readonly memory?: number;
  /** The backend's own measure of how busy it is; counts before CPU and memory. */
  readonly utilization?: number;
  /** Requests it serves per second. */
  readonly requestRate?: number;
  /** Errors it answers per second. */
  readonly errorRate?: number;
  /** HAProxy's agent weight: 1 is the configured weight. */
  readonly weightFactor?: number;
  /** When it came, ms. */
  readonly at: number;
}

/** One data-plane process as people see it. */
export interface WorkerStatus {
  /** From 1; a replacement has the number of the one before. */
  readonly worker: number;
  /** Null while there is none. */
  readonly pid: number | null;
  /** `waiting`: the last one ended too soon, and the next is put off. */
  readonly state: "starting" | "running" | "waiting" | "stopping";
  /** Since it began to serve, ms; null while it does not. */
  readonly uptime: number | null;
  /** How often it was replaced. */
  readonly restarts: number;
  /** Exchanges that ended, over all its processes. */
  readonly requests: number;
  readonly inFlight: number;
  readonly connections: number;
  /** Resident memory, bytes. */
  readonly memory: number;
}

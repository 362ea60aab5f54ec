import type { WorkerStatus } from "../cluster/worker-status.ts";
import type { Reader, ScrapeRegistry } from "./prometheus.ts";

/** The metrics of the processes that carry the exchanges, where these are others than the control plane's. */
export function registerWorkerMetrics(registry: ScrapeRegistry, workers: () => readonly WorkerStatus[]): void {
  const each = (read: (status: WorkerStatus) => number): Reader<"worker"> =>
    function* () {
      for (const status of workers()) yield [{ worker: String(status.worker) }, read(status)];
    };
  const labels = ["worker"] as const;

  registry.gauge({ name: "headgate_workers", help: "Worker processes that serve.", labels: [] }, () => [
    [{}, workers().filter(({ state }) => state === "running").length],
  ]);
  registry.counter(
    { name: "headgate_worker_restarts_total", help: "How often a worker was replaced.", labels },
    each(({ restarts }) => restarts),
  );
  registry.counter(
    { name: "headgate_worker_requests_total", help: "Exchanges that ended in a worker.", labels },
    each(({ requests }) => requests),
  );
  registry.gauge(
    { name: "headgate_worker_resident_memory_bytes", help: "Memory of a worker's process.", labels },
    each(({ memory }) => memory),
  );
}

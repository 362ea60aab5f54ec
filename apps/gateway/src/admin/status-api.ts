import type { WorkerStatus } from "../cluster/worker-status.ts";
import type { ControlPlane } from "../control/control-plane.ts";
import { hitRatio, type LiveSnapshot } from "../observability/live-stats.ts";
import type { Metrics } from "../observability/metrics.ts";
import { type AdminReply, json } from "./reply.ts";
import type { AdminRoute } from "./router.ts";
import { statusPage } from "./status-page.ts";

export interface StatusApiParts {
  readonly control: ControlPlane;
  readonly live: () => LiveSnapshot;
  readonly metrics: Omit<Metrics, "record" | "merge">;
  /** The processes that carry the exchanges; none where this is the only one. */
  readonly workers: () => readonly WorkerStatus[];
}

/** The part of the API that tells how the gateway is. */
export function statusRoutes({ control, live, metrics, workers }: StatusApiParts): readonly AdminRoute[] {
  const ready = (): AdminReply => {
    const readiness = control.readiness();
    return json({ ...readiness, reloadError: control.reloadError() }, readiness.ready ? 200 : 503);
  };

  const pulse = (): AdminReply => {
    const snapshot = live();
    const { backends: _, ...totals } = snapshot;
    return json({ ...totals, hitRatio: hitRatio(snapshot), reloadError: control.reloadError() });
  };

  const scrape = async (): Promise<AdminReply> => ({
    status: 200,
    type: metrics.contentType,
    body: await metrics.metrics(),
  });

  return [
    ["GET", "/", () => statusPage],
    ["GET", "/livez", () => json({ alive: true })],
    ["GET", "/readyz", ready],
    ["GET", "/metrics", scrape],
    ["GET", "/api/live", pulse],
    ["GET", "/api/workers", () => json(workers())],
    ["GET", "/api/config", () => json(control.effectiveConfig())],
  ];
}

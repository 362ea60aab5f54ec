import type { Backend, BackendReport, Preview } from "@headgate/balancer";
import type { BackendStatus } from "../control/control-plane.ts";
import type { BackendTold } from "./explanation.ts";

/** What is needed to tell of the backends of one pool. */
export interface BackendFacts {
  readonly reports: readonly BackendReport[];
  readonly preview: Preview;
  /** Those of the same pool, as the control plane sees them. */
  readonly statuses: readonly BackendStatus[];
  /** Monotonic ms. */
  readonly tick: number;
  /** Wall-clock ms. */
  readonly now: number;
}

/** Each backend of a pool as it stands for one request, and why it would not get it. */
export function explainBackends({ reports, preview, statuses, tick, now }: BackendFacts): BackendTold[] {
  const byId = new Map(statuses.map((status) => [status.id, status]));
  return reports.map((report) => {
    const { backend, usable, reason, level, weight } = report;
    const status = byId.get(backend.id);
    const { id, url, draining, ejected, active, maxActive } = backend;
    const latency = backend.latency.at(tick);
    return {
      ...{ id, url, draining, ejected, usable, reason, active },
      state: status?.state ?? "NOT_INITIATED",
      why: whyOf(report, status, now),
      odds: oddsOf(backend, preview),
      level: level?.key ?? String(backend.priority),
      levelShare: level?.share ?? 0,
      weight: backend.weight,
      effectiveWeight: weight,
      maxActive: maxActive === Number.POSITIVE_INFINITY ? null : maxActive,
      latency: latency === 0 ? null : latency,
      load: backend.load?.report ?? null,
    };
  });
}

function oddsOf(backend: Backend, preview: Preview): number {
  if (preview.kind === "drawn") return preview.odds.get(backend) ?? 0;
  return preview.choice.kind === "chosen" && preview.choice.backend === backend ? 1 : 0;
}

function whyOf({ backend, reason }: BackendReport, status: BackendStatus | undefined, now: number): string | null {
  switch (reason) {
    case "candidate":
      return backend.ramp === null ? null : "it is coming back to its full weight";
    case "pinned":
      return "the client's session is here";
    case "panic":
      return "too few are usable, so it is used all the same";
    case "pending":
      return "its first check is not in yet";
    case "unreachable":
      return unreachable(status);
    case "ejected":
      return ejected(status, now);
    case "draining":
      return draining(status, now);
    case "weight-0":
      return "its weight is 0";
    case "tried":
      return "it was tried";
    case "full":
      return `it has ${backend.active} of ${backend.maxActive} requests in flight`;
    case "standby":
      return "those of a level before its own serve all";
    case "beyond-subset":
      return "it is not of this gateway's subset, which serves all";
  }
}

function unreachable(status: BackendStatus | undefined): string {
  const last = status?.probes.at(-1);
  if (status === undefined || last === undefined) return "its checks fail";
  return last.ok ? "its last check was good, but too few in a row are" : `${last.reason} (${status.failures} in a row)`;
}

function ejected(status: BackendStatus | undefined, now: number): string {
  const ejection = status?.ejection ?? null;
  if (ejection === null) return "it refused a connection; its next good check takes it back";
  const times = ejection.times > 1 ? `, for the ${ejection.times}. time` : "";
  return `${ejection.reason}${times}; ${secondsTo(ejection.until, now)} s to go`;
}

function draining(status: BackendStatus | undefined, now: number): string {
  const until = status?.drainUntil ?? null;
  if (until === null || until <= now) return "it is drained";
  return `it drains; what is left there is ended in ${secondsTo(until, now)} s`;
}

function secondsTo(at: number, now: number): number {
  return Math.max(0, Math.ceil((at - now) / 1000));
}

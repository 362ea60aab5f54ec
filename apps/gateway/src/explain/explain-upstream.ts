import { type ChooseContext, type Preview, planSticky } from "@headgate/balancer";
import type { Clock } from "../clock.ts";
import type { ConfigSnapshot } from "../config/snapshot.ts";
import type { PoolStatus } from "../control/control-plane.ts";
import type { Exchange } from "../exchange.ts";
import type { GatewayError } from "../gateway-error.ts";
import { noBackend } from "../upstream/no-backend.ts";
import { upstreamRequest } from "../upstream/origin.ts";
import type { UpstreamRequest } from "../upstream/upstream-request.ts";
import { explainBackends } from "./explain-backends.ts";
import { explainHedging, explainQueue, explainRetries } from "./explain-resilience.ts";
import type { ChoiceTold, SessionTold, UpstreamTold } from "./explanation.ts";

type PoolConfig = ConfigSnapshot["pools"][string];

/** What the pool of a route would do, and the refusal that the client would get where it can do nothing. */
export interface UpstreamExplained {
  readonly told: UpstreamTold;
  readonly refusal: GatewayError | null;
}

/** What would happen to an exchange at the pool of its route. Nothing is chosen, counted, spent or sent. */
export function explainUpstream(
  exchange: Exchange,
  hasBody: boolean,
  statuses: readonly PoolStatus[],
  clock: Clock,
): UpstreamExplained | null {
  const request = upstreamRequest(exchange, exchange.cancellation);
  const { pool, session } = request;
  const config = exchange.generation.config.pools[pool.name];
  if (config === undefined) return null;
  const status = statuses.find(({ name }) => name === pool.name);
  const tick = clock.tick();
  const hashKey = pool.rules.hashKey?.(request);
  const context: Omit<ChooseContext, "random"> = { tried: null, now: tick, hashKey, pinned: session?.pinned };
  const preview = pool.balancer.preview(context);
  const reports = pool.balancer.explain(context);
  const { choice, refusal } = explainChoice(request, preview);
  const told: UpstreamTold = {
    pool: pool.name,
    balancing: balancingTold(config),
    hashKey: hashKeyTold(config, hashKey),
    session: explainSession(request, config),
    choice,
    panic: pool.balancer.panic,
    backends: explainBackends({ reports, preview, statuses: status?.backends ?? [], tick, now: clock.now() }),
    queue: explainQueue(request, config, status?.limit ?? null),
    retries: explainRetries(request, config, hasBody, tick),
    hedging: explainHedging(request, tick),
    timeouts: timeoutsTold(config),
  };
  return { told, refusal };
}

/** The steps of the balance layer: breaker, queue, choice. */
function explainChoice({ pool }: UpstreamRequest, preview: Preview) {
  const { gate } = pool.rules;
  const told = (choice: ChoiceTold, refusal: GatewayError | null = null) => ({ choice, refusal });
  const refused = gate?.refusal() ?? null;
  if (refused !== null) return told({ kind: "none", reason: "breaker" }, refused);
  if (pool.health.gathering) return told({ kind: "waits", reason: "first-checks" });
  if (gate !== null && gate.waiting > 0) return told({ kind: "waits", reason: "room" });
  if (preview.kind === "drawn") return told({ kind: "drawn" });
  const { choice } = preview;
  if (choice.kind === "chosen") return told({ kind: "settled", backend: choice.backend.id, reason: choice.reason });
  if (choice.reason === "pending") return told({ kind: "waits", reason: "first-checks" });
  if (choice.reason === "limits" && gate !== null) return told({ kind: "waits", reason: "room" });
  return told({ kind: "none", reason: choice.reason }, noBackend(pool, choice.reason));
}

function balancingTold({ balancing }: PoolConfig): UpstreamTold["balancing"] {
  return typeof balancing === "string" ? { policy: balancing } : { ...balancing };
}

function timeoutsTold({ timeouts }: PoolConfig): UpstreamTold["timeouts"] {
  const { connect, head, perTry = null, total = null, body } = timeouts;
  return { connect, head, perTry, total, body };
}

function hashKeyTold({ balancing }: PoolConfig, key: string | undefined): UpstreamTold["hashKey"] {
  if (typeof balancing === "string") return null;
  return { on: balancing.on, name: balancing.name ?? null, present: key !== undefined };
}

function explainSession({ pool, session }: UpstreamRequest, { sticky }: PoolConfig): SessionTold | null {
  if (session === null || sticky === false) return null;
  const { pinned } = session;
  if (pinned === undefined) return { cookie: sticky.cookie, pinned: null, plan: null };
  const plan = planSticky(pool.balancer.get(pinned), null);
  return { cookie: sticky.cookie, pinned, plan: plan.kind === "hand-over" ? `hand-over: ${plan.reason}` : plan.kind };
}

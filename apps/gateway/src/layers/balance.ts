import type { BackendId, Choice, ChooseContext } from "@headgate/balancer";
import type { Clock } from "../clock.ts";
import { attemptAt } from "../upstream/attempt-watch.ts";
import type { TryOnce } from "../upstream/fetch.ts";
import type { Gate } from "../upstream/gate.ts";
import { noBackend } from "../upstream/no-backend.ts";
import type { UpstreamRequest, UpstreamResponse } from "../upstream/upstream-request.ts";
import { waitUpTo } from "../wait.ts";

/** How long a request waits for the first health checks of a pool, ms; they time out within a second by default. */
const PENDING_WAIT = 2000;

export interface BalanceParts {
  readonly clock: Clock;
  readonly random: () => number;
}

/**
 * Chooses a backend for one attempt, counts it in flight there, and has its pool and health told how it ended. Nearly always there is
 * nothing to wait for first, and no promise but the attempt's own.
 */
export function balance(parts: BalanceParts): TryOnce {
  const { clock } = parts;
  const attempt: TryOnce = (request, tried) => {
    const { pool } = request;
    const context = contextOf(request, tried, parts);
    if (pool.rules.gate !== null) return passGate(pool.rules.gate, request, context, clock);
    const choice = pool.balancer.choose(context);
    if (choice.kind === "chosen") return attemptAt(choice, request, 0, clock, context.now);
    if (choice.reason === "pending") return afterFirstChecks(request, context, clock);
    return Promise.reject(noBackend(pool, choice.reason));
  };
  return (request, tried) =>
    request.pool.health.gathering ? firstChecks(request).then(() => attempt(request, tried)) : attempt(request, tried);
}

async function afterFirstChecks(request: UpstreamRequest, context: ChooseContext, clock: Clock) {
  const { pool } = request;
  await firstChecks(request);
  const now = clock.tick();
  const choice = pool.balancer.choose({ ...context, now });
  if (choice.kind === "none") throw noBackend(pool, choice.reason);
  return attemptAt(choice, request, 0, clock, now);
}

function contextOf(
  request: UpstreamRequest,
  tried: readonly BackendId[] | null,
  { clock, random }: BalanceParts,
): ChooseContext {
  const { pool, session } = request;
  const { hashKey } = pool.rules;
  const now = clock.tick();
  if (hashKey === null && session === null) return { tried, now, random };
  return { tried, now, random, hashKey: hashKey?.(request), pinned: session?.pinned };
}

function firstChecks({ pool, cancellation }: UpstreamRequest): Promise<void> {
  return waitUpTo(pool.health.whenSettled(), PENDING_WAIT, cancellation);
}

/** The same where the pool has limits or a circuit breaker. */
async function passGate(
  gate: Gate,
  request: UpstreamRequest,
  context: ChooseContext,
  clock: Clock,
): Promise<UpstreamResponse> {
  const era = gate.admit();
  let choice: Choice;
  try {
    choice = gate.choose(context);
    if (choice.kind === "none" && choice.reason === "pending") {
      await firstChecks(request);
      choice = gate.choose({ ...context, now: clock.tick() });
    }
    if (choice.kind === "none" && choice.reason === "limits") choice = await gate.wait(request, context);
    if (choice.kind === "none") throw noBackend(request.pool, choice.reason);
  } catch (error) {
    gate.leave(era, null);
    throw error;
  }
  return attemptAt(choice, request, era, clock, clock.tick());
}

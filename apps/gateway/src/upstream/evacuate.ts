import { AttemptError } from "./attempt-error.ts";
import type { BackendConnections } from "./send-pass.ts";
import type { UpstreamPool } from "./upstream-pool.ts";

/**
 * A backend was found UNREACHABLE: attempts that wait for its response's head are given up where the retry plan says that
 * another may be made. Others go on waiting: they may still be answered, and could not go elsewhere.
 * @param connections those that lead there now; the checks say nothing of others that it may have had
 */
export function evacuate({ waiting }: Pick<UpstreamPool, "waiting">, connections: BackendConnections): void {
  const there = waiting.entries.filter((entry) => entry.connections === connections);
  for (const { attempt } of there) {
    const { request } = attempt;
    const failure = attempt.failureOf("unreachable");
    const plan = request.retry?.planNext(request, failure);
    if (plan?.kind !== "retry") continue;
    const cause = new Error("its health checks fail");
    attempt.cancel(new AttemptError(attempt.backend, failure, cause, { plan }));
  }
}

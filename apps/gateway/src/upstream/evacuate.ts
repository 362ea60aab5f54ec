import { AttemptError } from "./attempt-error.ts";
import type { UpstreamPool } from "./upstream-pool.ts";

/**
 * A backend was found UNREACHABLE: attempts that wait for its response's head are given up where the retry plan says that
 * another may be made. Others go on waiting: they may still be answered, and could not go elsewhere.
 */
export function evacuate({ waiting }: Pick<UpstreamPool, "waiting">, id: string): void {
  for (const attempt of waiting.entries.filter(({ backend }) => backend === id)) {
    const { request } = attempt;
    const failure = attempt.failureOf("unreachable");
    const plan = request.retry?.planNext(request, failure);
    if (plan?.kind !== "retry") continue;
    const cause = new Error("its health checks fail");
    attempt.cancel(new AttemptError(attempt.backend, failure, cause, { plan }));
  }
}

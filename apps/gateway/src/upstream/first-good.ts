import { discard } from "../body.ts";
import { HedgeLost } from "./hedge-lost.ts";
import type { UpstreamResponse } from "./upstream-request.ts";

/** One of several attempts that run side by side. */
export interface Contender {
  readonly response: Promise<UpstreamResponse>;
  /** Another has won. */
  readonly lose: () => void;
}

/**
 * The first answer below 500, for which the other is cancelled. An error waits for the other: a fast failure must not win
 * over a slow success. Where none is good it is the first contender's, an answer before a failure.
 */
export async function firstGood(first: Contender, second: Contender): Promise<UpstreamResponse> {
  const good = await Promise.any([goodOf(first, second), goodOf(second, first)]).catch(() => null);
  if (good !== null) return good;
  const [one, other] = await Promise.allSettled([first.response, second.response]);
  if (one.status === "rejected" && other.status === "rejected") throw one.reason;
  if (one.status === "rejected") return second.response;
  if (other.status === "fulfilled") discard(other.value.takeBody(), new HedgeLost());
  return one.value;
}

async function goodOf({ response }: Contender, other: Contender): Promise<UpstreamResponse> {
  const answer = await response;
  if (answer.status >= 500) throw new Error(`status ${answer.status}`);
  other.lose();
  other.response.catch(() => undefined);
  return answer;
}

import type { TryOnce } from "../upstream/fetch.ts";
import type { Mirrors } from "../upstream/mirrors.ts";

export interface MirrorParts {
  readonly mirrors: Mirrors;
  /** How the request itself is sent. */
  readonly tryOnce: TryOnce;
  /** How a copy is: without hedges. */
  readonly sendCopy: TryOnce;
}

/** Copies requests to a pool that only watches, once each however often they are retried; after they themselves have left. */
export function mirror({ mirrors, tryOnce, sendCopy }: MirrorParts): TryOnce {
  return (request, tried) => {
    const response = tryOnce(request, tried);
    if (request.mirror !== null && tried === null) mirrors.offer(request, sendCopy);
    return response;
  };
}

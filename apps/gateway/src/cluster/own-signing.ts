import type { ConfigSnapshot } from "../config/snapshot.ts";

/** Whether there are signed cookies for which the config names no secret: of sticky sessions, or of a split's sides. */
export function needsOwnSigning({ pools, routes }: ConfigSnapshot): boolean {
  return (
    Object.values(pools).some(({ sticky }) => sticky !== false && sticky.secret === undefined) ||
    routes.some(({ assign }) => typeof assign === "object" && "cookie" in assign && assign.secret === undefined)
  );
}

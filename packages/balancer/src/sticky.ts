import { type Backend, type BackendId, isOpen } from "./backend.ts";

/**
 * What becomes of a session's pin. `hand-over`: the session moves and is pinned anew. `overflow`: its backend is only
 * full, so this exchange goes elsewhere and the pin stays.
 */
export type StickyPlan =
  | { readonly kind: "keep"; readonly backend: Backend }
  | { readonly kind: "overflow" }
  | { readonly kind: "hand-over"; readonly reason: "gone" | "unreachable" | "ejected" | "tried" };

const OVERFLOW: StickyPlan = { kind: "overflow" };
const GONE: StickyPlan = { kind: "hand-over", reason: "gone" };
const UNREACHABLE: StickyPlan = { kind: "hand-over", reason: "unreachable" };
const EJECTED: StickyPlan = { kind: "hand-over", reason: "ejected" };
const TRIED: StickyPlan = { kind: "hand-over", reason: "tried" };

/**
 * Whether an exchange whose session is pinned to `backend` (undefined: no longer a member) goes there. A draining
 * backend, or one of weight 0, keeps its sessions. Source: HAProxy `cookie` with `option redispatch`, Traefik sticky sessions.
 */
export function planSticky(backend: Backend | undefined, tried: readonly BackendId[] | null): StickyPlan {
  if (backend === undefined) return GONE;
  if (!backend.available) return UNREACHABLE;
  if (backend.ejected) return EJECTED;
  if (tried?.includes(backend.id)) return TRIED;
  return isOpen(backend, null) ? { kind: "keep", backend } : OVERFLOW;
}

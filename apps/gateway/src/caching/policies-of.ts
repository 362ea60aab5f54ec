import type { CachePolicy } from "@headgate/cache";
import type { CompiledRoute } from "../routing.ts";

/** The rules of those routes that cache. */
export function policiesOf(routes: readonly Pick<CompiledRoute, "cache">[]): CachePolicy[] {
  return routes.flatMap(({ cache }) => cache ?? []);
}

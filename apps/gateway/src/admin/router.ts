import type { AdminReply } from "./reply.ts";

/** A request to the admin listener, checked and read. */
export interface AdminRequest {
  /** What stands at the path's `:names`, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The parsed JSON body; undefined where there is none. */
  readonly body: unknown;
}

export type AdminHandler = (request: AdminRequest) => AdminReply | Promise<AdminReply>;

/** A row of the route table: method, path with `:names` for variable segments, and what answers. */
export type AdminRoute = readonly [method: "GET" | "POST" | "DELETE", pattern: string, handler: AdminHandler];

export type RouteMatch =
  | { readonly kind: "found"; readonly handler: AdminHandler; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: "wrong-method"; readonly allow: string }
  | { readonly kind: "unknown" };

function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

/** The values of a pattern's `:names` in a path; null where the path does not fit. */
function paramsOf(pattern: string, path: string): Record<string, string> | null {
  const names = pattern.split("/");
  const segments = path.split("/");
  if (names.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const value = decode(segments[index] ?? "");
    if (value === null) return null;
    if (name.startsWith(":") && value !== "") params[name.slice(1)] = value;
    else if (name !== value) return null;
  }
  return params;
}

/** Finds who answers. The first row that fits wins, so fixed segments stand before variable ones. HEAD is answered as GET. */
export function matchRoute(routes: readonly AdminRoute[], method: string, path: string): RouteMatch {
  const wanted = method === "HEAD" ? "GET" : method;
  const methods = new Set<string>();
  for (const [own, pattern, handler] of routes) {
    const params = paramsOf(pattern, path);
    if (params === null) continue;
    if (own === wanted) return { kind: "found", handler, params };
    methods.add(own);
    if (own === "GET") methods.add("HEAD");
  }
  if (methods.size === 0) return { kind: "unknown" };
  return { kind: "wrong-method", allow: [...methods].join(", ") };
}

import type { CompiledRoute } from "../routing.ts";
import { TextMap } from "./text-map.ts";

/** A route with its place in the config's order. */
export interface Ranked {
  readonly order: number;
  readonly route: CompiledRoute;
}

/** What of a request decides between routes of the same host and path. */
export interface Asked {
  readonly method: string;
  readonly fields: readonly string[];
  /** Target with its query. */
  readonly path: string;
}

interface Node {
  /** Routes whose prefix ends here, in order. */
  readonly routes: Ranked[];
  /** By the next segment. */
  readonly children: TextMap<Node>;
  /** The lowest order here and below. */
  first: number;
}

const SLASH = 0x2f;

/** Routes by their prefix, segment by segment: what a look-up costs depends on the path's depth, not on how many there are. */
export class PathTrie {
  readonly #root: Node = newNode(Number.POSITIVE_INFINITY);

  /** In the config's order. */
  add(ranked: Ranked): void {
    let node = this.#root;
    node.first = Math.min(node.first, ranked.order);
    for (const segment of ranked.route.prefix.split("/").slice(1))
      node = node.children.at(segment, () => newNode(ranked.order));
    node.routes.push(ranked);
  }

  /** The first route that takes the request, or `before` where none stands before that one. */
  first(pathname: string, asked: Asked, before: Ranked | undefined): Ranked | undefined {
    let best = before;
    let at = 0;
    for (let node: Node | undefined = this.#root; node !== undefined; ) {
      if (best !== undefined && node.first > best.order) return best;
      for (const ranked of node.routes) {
        if (best !== undefined && ranked.order > best.order) break;
        if (takes(ranked.route, asked)) best = ranked;
      }
      if (node.children.size === 0 || pathname.charCodeAt(at) !== SLASH) return best;
      const end = endOfSegment(pathname, at + 1);
      node = node.children.find(pathname, at + 1, end);
      at = end;
    }
    return best;
  }

  /** All routes that may take a path, in no order. */
  collect(pathname: string, into: Ranked[]): void {
    let at = 0;
    for (let node: Node | undefined = this.#root; node !== undefined; ) {
      into.push(...node.routes);
      if (pathname.charCodeAt(at) !== SLASH) return;
      const end = endOfSegment(pathname, at + 1);
      node = node.children.find(pathname, at + 1, end);
      at = end;
    }
  }
}

function newNode(first: number): Node {
  return { routes: [], children: new TextMap(), first };
}

function endOfSegment(pathname: string, from: number): number {
  const next = pathname.indexOf("/", from);
  return next < 0 ? pathname.length : next;
}

function takes({ methods, conditions }: CompiledRoute, { method, fields, path }: Asked): boolean {
  if (methods !== null && !methods.has(method)) return false;
  if (conditions === null) return true;
  for (const holds of conditions) if (!holds(fields, path)) return false;
  return true;
}

import type { CompiledRoute } from "../routing.ts";
import { type Asked, PathTrie, type Ranked } from "./path-trie.ts";
import { TextMap } from "./text-map.ts";

/**
 * Routes by host and path, so that finding one costs the same among one and among a thousand. Which of those that take a
 * request wins is up to the config's order alone.
 */
export class RouteTable {
  readonly #anyHost = new PathTrie();
  readonly #hosts = new TextMap<PathTrie>();
  /** By what follows the `*`: `.example.com`. */
  readonly #below = new TextMap<PathTrie>();
  /** The most dots that one of these has. */
  #dots = 0;

  /** @param routes in the config's order */
  constructor(routes: readonly CompiledRoute[]) {
    for (const [order, route] of routes.entries()) this.#trieFor(route.host).add({ order, route });
  }

  /** @param host lower case, with or without a port */
  find(host: string, pathname: string, asked: Asked): CompiledRoute | undefined {
    let best = this.#anyHost.first(pathname, asked, undefined);
    if (this.#hosts.size + this.#below.size > 0)
      for (const trie of this.#triesOf(host)) best = trie.first(pathname, asked, best);
    return best?.route;
  }

  /** All routes that may take it, by what else it has, in order; the last of them takes all that has come so far. */
  all(host: string, pathname: string, method: string): CompiledRoute[] {
    const found: Ranked[] = [];
    for (const trie of [this.#anyHost, ...this.#triesOf(host)]) trie.collect(pathname, found);
    const routes = found
      .sort((a, b) => a.order - b.order)
      .map(({ route }) => route)
      .filter(({ methods }) => methods === null || methods.has(method));
    const last = routes.findIndex(({ conditions }) => conditions === null);
    return last < 0 ? routes : routes.slice(0, last + 1);
  }

  #triesOf(host: string): PathTrie[] {
    const end = endOfName(host);
    const tries: PathTrie[] = [];
    const exact = this.#hosts.find(host, 0, end);
    if (exact !== undefined) tries.push(exact);
    let dot = end;
    for (let dots = 0; dots < this.#dots; dots++) {
      dot = host.lastIndexOf(".", dot - 1);
      // Something must stand before it.
      if (dot <= 0) break;
      const below = this.#below.find(host, dot, end);
      if (below !== undefined) tries.push(below);
    }
    return tries;
  }

  #trieFor(host: string | null): PathTrie {
    if (host === null) return this.#anyHost;
    if (!host.startsWith("*.")) return this.#hosts.at(host, newTrie);
    const suffix = host.slice(1);
    this.#dots = Math.max(this.#dots, suffix.split(".").length - 1);
    return this.#below.at(suffix, newTrie);
  }
}

const newTrie = (): PathTrie => new PathTrie();

/** Where a port begins, or the end. */
function endOfName(host: string): number {
  const colon = host.lastIndexOf(":");
  return colon > host.lastIndexOf("]") ? colon : host.length;
}

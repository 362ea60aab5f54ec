import type { CompiledRoute } from "../routing.ts";
import { type Asked, PathTrie, type Ranked } from "./path-trie.ts";

/**
 * Routes by host and path, so that finding one costs the same among one and among a thousand. Which of those that take a
 * request wins is up to the config's order alone.
 */
export class RouteTable {
  readonly #anyHost = new PathTrie();
  readonly #hosts = new Map<string, PathTrie>();
  /** By what follows the `*`: `.example.com`. */
  readonly #below = new Map<string, PathTrie>();
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
      for (const trie of this.#triesOf(withoutPort(host))) best = trie.first(pathname, asked, best);
    return best?.route;
  }

  /** All routes that may take it, by what else it has, in order; the last of them takes all that has come so far. */
  all(host: string, pathname: string, method: string): CompiledRoute[] {
    const found: Ranked[] = [];
    for (const trie of [this.#anyHost, ...this.#triesOf(withoutPort(host))]) trie.collect(pathname, found);
    const routes = found
      .sort((a, b) => a.order - b.order)
      .map(({ route }) => route)
      .filter(({ methods }) => methods === null || methods.has(method));
    const last = routes.findIndex(({ conditions }) => conditions === null);
    return last < 0 ? routes : routes.slice(0, last + 1);
  }

  #triesOf(name: string): PathTrie[] {
    const tries: PathTrie[] = [];
    const exact = this.#hosts.get(name);
    if (exact !== undefined) tries.push(exact);
    let dot = name.length;
    for (let dots = 0; dots < this.#dots; dots++) {
      dot = name.lastIndexOf(".", dot - 1);
      // Something must stand before it.
      if (dot <= 0) break;
      const below = this.#below.get(name.slice(dot));
      if (below !== undefined) tries.push(below);
    }
    return tries;
  }

  #trieFor(host: string | null): PathTrie {
    if (host === null) return this.#anyHost;
    if (!host.startsWith("*.")) return trieAt(this.#hosts, host);
    const suffix = host.slice(1);
    this.#dots = Math.max(this.#dots, suffix.split(".").length - 1);
    return trieAt(this.#below, suffix);
  }
}

function trieAt(tries: Map<string, PathTrie>, name: string): PathTrie {
  const known = tries.get(name);
  if (known !== undefined) return known;
  const made = new PathTrie();
  tries.set(name, made);
  return made;
}

function withoutPort(host: string): string {
  const colon = host.lastIndexOf(":");
  return colon > host.lastIndexOf("]") ? host.slice(0, colon) : host;
}

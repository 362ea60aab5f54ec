import { isDeepStrictEqual } from "node:util";
import type { BackendId } from "@headgate/balancer";
import type { PoolConfig } from "./connection-options.ts";
import type { FoundBy } from "./discovery/source.ts";

/** What the file says of a backend: its URL is scheme, host and port. */
type Listed = PoolConfig["backends"][number];

/** What discovery says of a backend. */
export interface Found extends Listed {
  /** Name that its certificate is checked against, where that is not the URL's host. */
  readonly servername?: string;
}

/** One backend that a pool should have. */
export interface Member extends Found {
  readonly id: BackendId;
  /** The config file, the admin API, or how it was found. */
  readonly origin: "config" | "admin" | FoundBy;
}

type ListedBy = Exclude<Member["origin"], "admin">;

/** A backend's identity: host and port of its origin, the scheme's own port written out (`api.internal:443`). */
export function backendId(origin: string): BackendId {
  const { protocol, hostname, port } = new URL(origin);
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}` as BackendId;
}

type Memberships = ReadonlyMap<BackendId, Member>;

const NOBODY: Memberships = new Map();

/**
 * Who belongs to a pool by the config file, by discovery and by the admin API together. One that several of them name counts once: as
 * the admin API says, else the config file, else the file of backends, else DNS.
 * - What the admin API added stays over reloads, until it is removed there or the config file lists it too (then it is the
 *   file's).
 * - What the admin API removed of the config file's backends stays away until the file's list for this pool changes, so that
 *   a reload because of something else does not bring it back; of found ones until they are no longer found.
 */
export class Members {
  readonly #lists = new Map<ListedBy, Memberships>([
    ["config", NOBODY],
    ["file", NOBODY],
    ["dns", NOBODY],
  ]);
  readonly #added = new Map<BackendId, Member>();
  readonly #removed = new Set<BackendId>();

  /**
   * Takes over a list. A backend that is listed twice counts once, as the last one says.
   * @returns whether it differs from the one before
   */
  read(origin: ListedBy, listed: readonly Found[]): boolean {
    const members = new Map<BackendId, Member>();
    for (const backend of listed) {
      const id = backendId(backend.url);
      members.set(id, { ...backend, id, origin });
    }
    const changed = !isDeepStrictEqual(members, this.#lists.get(origin));
    this.#lists.set(origin, members);
    if (origin === "config") this.#configRead(members, changed);
    for (const id of this.#removed) if (this.#listed(id) === undefined) this.#removed.delete(id);
    return changed;
  }

  /** The admin API adds a backend, or changes one that it added before. */
  add(url: string, weight: number): Member {
    const id = backendId(url);
    const member: Member = { id, url, weight, origin: "admin" };
    this.#added.set(id, member);
    return member;
  }

  /** The admin API takes a backend out. */
  remove(id: BackendId): void {
    this.#added.delete(id);
    if (this.#listed(id) !== undefined) this.#removed.add(id);
  }

  /** What the admin API said of a backend no longer holds; what lists say does. */
  forget(id: BackendId): void {
    this.#added.delete(id);
  }

  get(id: BackendId): Member | undefined {
    const added = this.#added.get(id);
    const listed = this.#removed.has(id) ? undefined : this.#listed(id);
    return added?.url === listed?.url && added !== undefined ? { ...listed, ...added } : (added ?? listed);
  }

  /** The lists' in their order, then those that the admin API alone has, in the order they came. */
  list(): readonly Member[] {
    const ids = new Set<BackendId>();
    for (const list of this.#lists.values()) for (const id of list.keys()) if (!this.#removed.has(id)) ids.add(id);
    for (const id of this.#added.keys()) ids.add(id);
    return [...ids].flatMap((id) => this.get(id) ?? []);
  }

  #configRead(members: Memberships, changed: boolean): void {
    if (changed) for (const id of members.keys()) this.#removed.delete(id);
    for (const id of members.keys()) if (!this.#removed.has(id)) this.#added.delete(id);
  }

  /** What the first list that has it says of a backend. */
  #listed(id: BackendId): Member | undefined {
    for (const list of this.#lists.values()) {
      const member = list.get(id);
      if (member !== undefined) return member;
    }
    return undefined;
  }
}

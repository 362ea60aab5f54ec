import { isDeepStrictEqual } from "node:util";
import type { BackendId } from "@headgate/balancer";
import type { PoolConfig } from "./connection-options.ts";

/** What the file says of a backend: its URL is scheme, host and port. */
type Listed = PoolConfig["backends"][number];

/** One backend that a pool should have. */
export interface Member extends Listed {
  readonly id: BackendId;
  readonly origin: "config" | "admin";
}

/** A backend's identity: host and port of its origin, the scheme's own port written out (`api.internal:443`). */
export function backendId(origin: string): BackendId {
  const { protocol, hostname, port } = new URL(origin);
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}` as BackendId;
}

/**
 * Who belongs to a pool by the config file and by the admin API together:
 * - what the admin API added stays over reloads, until it is removed there or the file lists it too (then it is the file's);
 * - what the admin API removed of the file's backends stays away until the file's list for this pool changes, so that a
 *   reload because of something else does not bring it back.
 */
export class Members {
  #file: ReadonlyMap<BackendId, Member> = new Map();
  readonly #added = new Map<BackendId, Member>();
  readonly #removed = new Set<BackendId>();

  /** Takes over the file's list. A backend that is listed twice counts once, as the last one says. */
  read(listed: readonly Listed[]): void {
    const file = new Map<BackendId, Member>();
    for (const backend of listed) {
      const id = backendId(backend.url);
      file.set(id, { ...backend, id, origin: "config" });
    }
    if (!isDeepStrictEqual(file, this.#file)) this.#removed.clear();
    for (const id of file.keys()) if (!this.#removed.has(id)) this.#added.delete(id);
    this.#file = file;
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
    if (this.#file.has(id)) this.#removed.add(id);
  }

  get(id: BackendId): Member | undefined {
    return this.#added.get(id) ?? (this.#removed.has(id) ? undefined : this.#file.get(id));
  }

  /** The file's in its order, then the admin API's in the order they came. */
  list(): Member[] {
    const file = [...this.#file.values()].filter(({ id }) => !this.#removed.has(id));
    return [...file, ...this.#added.values()];
  }
}

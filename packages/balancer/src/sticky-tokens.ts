import { createHmac } from "node:crypto";
import type { BackendId } from "./backend.ts";

/** So much of the signature is kept. */
const BYTES = 16;

/**
 * Tokens that stand for the backends of one pool (or the sides of a split) in a cookie: keyed signatures of their ids, so a
 * client can neither read an address from one nor make one for another backend. Checking one is a lookup.
 */
export class StickyTokens<Id extends string = BackendId> {
  readonly #secret: string | Uint8Array;
  readonly #scope: string;
  readonly #ids = new Map<string, Id>();
  readonly #tokens = new Map<Id, string>();

  /** All gateways that share sessions need the same `secret`; `scope` is the pool's name. */
  constructor(secret: string | Uint8Array, scope: string) {
    this.#secret = secret;
    this.#scope = scope;
  }

  /** Makes the tokens known those of `ids`. */
  replace(ids: Iterable<Id>): void {
    const known = new Map(this.#tokens);
    this.#ids.clear();
    this.#tokens.clear();
    for (const id of ids) this.#keep(id, known.get(id) ?? this.#sign(id));
  }

  /** The token of a backend, 22 characters of base64url. */
  tokenOf(id: Id): string {
    return this.#tokens.get(id) ?? this.#keep(id, this.#sign(id));
  }

  /** The backend that a cookie's value stands for; undefined when it is not one of ours or its backend is gone. */
  find(token: string): Id | undefined {
    return this.#ids.get(token);
  }

  #keep(id: Id, token: string): string {
    this.#tokens.set(id, token);
    this.#ids.set(token, id);
    return token;
  }

  #sign(id: Id): string {
    const mac = createHmac("sha256", this.#secret).update(`${this.#scope}\0${id}`).digest();
    return mac.subarray(0, BYTES).toString("base64url");
  }
}

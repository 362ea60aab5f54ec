import type { Identification } from "@headgate/admission";
import type { ConfigSnapshot } from "./config/snapshot.ts";
import type { Router } from "./routing.ts";

/**
 * Everything that one version of the config settles. An exchange keeps the generation it began with; a reload makes a new
 * one and swaps a single reference.
 */
export interface Generation {
  readonly config: ConfigSnapshot;
  readonly route: Router;
  /** Field that carries the API key, lower case. */
  readonly keyField: string;
  readonly identify: (presented: string | undefined) => Identification;
  /** Whether an address is one of `trustedProxies`. */
  readonly isTrusted: (address: string) => boolean;
}

import type { Identification } from "@headgate/admission";
import type { FieldNames } from "@headgate/http";
import type { ConfigSnapshot } from "./config/snapshot.ts";
import type { Router } from "./routing.ts";

/**
 * Everything that one version of the config settles. An exchange keeps the generation it began with; a reload makes a new
 * one and swaps a single reference.
 */
export interface Generation {
  readonly config: ConfigSnapshot;
  readonly route: Router["route"];
  readonly routesOf: Router["routesOf"];
  /** Field that carries the API key, lower case. */
  readonly keyField: string;
  /** Fields of a client that do not go on to backends: those the gateway sets itself, and the one with the key. */
  readonly withheldFields: FieldNames;
  readonly identify: (presented: string | undefined) => Identification;
  /** Whether an address is one of `trustedProxies`. */
  readonly isTrusted: (address: string) => boolean;
}

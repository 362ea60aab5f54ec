import type { Duplex } from "node:stream";
import type { FieldList, RepeatedFields } from "@headgate/http";
import type { BodySource } from "./body.ts";

/** Who made a response. */
export type ResponseSource = "upstream" | "cache" | "gateway";

/**
 * A response as a value: nothing has reached the client while a layer holds one.
 * `body` is null where there is none, bytes where it is whole, else a source that delivers it.
 */
export interface GatewayResponse {
  status: number;
  /** End-to-end fields only, flat `[name, value, ...]`; owned by this response and free to be changed. */
  fields: FieldList;
  body: Buffer | BodySource | null;
  readonly source: ResponseSource;
  /** `host:port` of the backend that answered, or that filled the cache entry; null for the gateway's own. */
  readonly backend: string | null;
  /** Those with which its fields began, as the backend sent them or as they are stored: nobody need write their lines anew. */
  readonly repeated?: RepeatedFields | undefined;
  /** The upgraded connection of a 101. */
  readonly tunnel?: Duplex;
}

import type { StoredEntry, StorePlan } from "@headgate/cache";
import type { BodySource } from "../body.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import type { SharedBody } from "../shared-body.ts";

/** What a request that fills the cache came to, once its response head is here. */
export type Filled =
  /** An entry that is whole: just received, or refreshed by a 304. */
  | {
      readonly kind: "entry";
      readonly entry: StoredEntry;
      readonly refreshed: boolean;
      readonly response: GatewayResponse | null;
    }
  /** Being stored while it comes; whoever reads from the start gets all of it. */
  | {
      readonly kind: "stream";
      readonly plan: Extract<StorePlan, { kind: "store" }>;
      readonly body: SharedBody;
      readonly response: GatewayResponse;
      /** The leader's reader, there before anybody else can set the body going. */
      readonly first: BodySource;
      /** The entry when the body has come; null if it broke off or was too large. */
      readonly finished: Promise<StoredEntry | null>;
    }
  /** Another gateway was quicker. */
  | { readonly kind: "found"; readonly entry: StoredEntry }
  /** For the one who asked alone. */
  | { readonly kind: "alone"; readonly response: GatewayResponse; readonly reason: string };

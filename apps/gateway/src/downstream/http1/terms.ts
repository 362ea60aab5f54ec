import type { RequestHandler } from "../read-request.ts";
import type { CorkedSockets } from "./corked-sockets.ts";
import type { ResponseHead } from "./response-head.ts";

/** What the connections of a listener share. */
export interface Http1Terms {
  readonly handler: RequestHandler;
  readonly scheme: "http" | "https";
  readonly heads: ResponseHead;
  readonly corked: CorkedSockets;
  /** Monotonic ms. */
  readonly tick: () => number;
  /** Bytes of a request head. */
  readonly maxHead: number;
  /** Bytes of unwanted content that are read for the sake of the connection. */
  readonly dropLimit: number;
  /** For a request head, from its first byte or from the connection's begin, ms. */
  readonly headTimeout: number;
  /** Between requests, ms. */
  readonly idleTimeout: number;
}

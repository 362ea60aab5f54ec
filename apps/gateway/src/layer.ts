import type { Exchange } from "./exchange.ts";
import type { GatewayResponse } from "./gateway-response.ts";

/**
 * One concern around an exchange. Hooks are synchronous unless they must wait: eleven suspended closures per request
 * cost more than all that the layers do.
 */
export interface Layer {
  readonly name: string;
  /** On the way in. A response answers at once: the layers further in never see the exchange. */
  enter?(exchange: Exchange): GatewayResponse | undefined | Promise<GatewayResponse | undefined>;
  /** On the way out, for every response from further in. */
  leave?(exchange: Exchange, response: GatewayResponse): GatewayResponse | Promise<GatewayResponse>;
  /** On the way out, for an error from further in. A response ends the error; undefined passes it on. */
  fail?(exchange: Exchange, error: unknown): GatewayResponse | undefined;
  /** When the last byte is out, the client is gone, or the body broke off. Must not throw. */
  finish?(exchange: Exchange): void;
}

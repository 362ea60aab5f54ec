import type { Exchange } from "./exchange.ts";
import type { GatewayResponse } from "./gateway-response.ts";
import type { Layer } from "./layer.ts";

/** Gets a response from beyond the innermost layer. */
export type Origin = (exchange: Exchange) => Promise<GatewayResponse>;

/** Layers in one ring around an origin: `run` answers an exchange, `finish` tells the layers that it is over. */
export interface Ring {
  /** A response at once where no layer had to wait, else a promise. Never rejects while the outermost layers rescue. */
  run(exchange: Exchange): GatewayResponse | Promise<GatewayResponse>;
  finish(exchange: Exchange): void;
}

/** Composes `layers`, the outermost first, around `origin`. */
export function compose(layers: readonly Layer[], origin: Origin): Ring {
  const finishing = layers.filter((layer) => layer.finish !== undefined).reverse();

  function enterFrom(index: number, exchange: Exchange): GatewayResponse | Promise<GatewayResponse> {
    for (let i = index; i < layers.length; i++) {
      const layer = layers[i] as Layer;
      if (layer.enter === undefined) continue;
      let answer: ReturnType<typeof layer.enter>;
      try {
        answer = layer.enter(exchange);
      } catch (error) {
        return failFrom(i - 1, exchange, error);
      }
      if (answer === undefined) continue;
      return answer instanceof Promise ? afterWait(i, answer, exchange) : leaveFrom(i - 1, exchange, answer);
    }
    const last = layers.length - 1;
    try {
      return origin(exchange).then(
        (response) => leaveFrom(last, exchange, response),
        (error: unknown) => failFrom(last, exchange, error),
      );
    } catch (error) {
      return failFrom(last, exchange, error);
    }
  }

  async function afterWait(
    index: number,
    answer: Promise<GatewayResponse | undefined>,
    exchange: Exchange,
  ): Promise<GatewayResponse> {
    let response: GatewayResponse | undefined;
    try {
      response = await answer;
    } catch (error) {
      return failFrom(index - 1, exchange, error);
    }
    return response === undefined ? enterFrom(index + 1, exchange) : leaveFrom(index - 1, exchange, response);
  }

  function leaveFrom(
    index: number,
    exchange: Exchange,
    response: GatewayResponse,
  ): GatewayResponse | Promise<GatewayResponse> {
    let current = response;
    for (let i = index; i >= 0; i--) {
      const layer = layers[i] as Layer;
      if (layer.leave === undefined) continue;
      try {
        const next = layer.leave(exchange, current);
        if (next instanceof Promise) return leaveAfterWait(i, next, exchange);
        current = next;
      } catch (error) {
        return failFrom(i - 1, exchange, error);
      }
    }
    return current;
  }

  async function leaveAfterWait(
    index: number,
    waiting: Promise<GatewayResponse>,
    exchange: Exchange,
  ): Promise<GatewayResponse> {
    let response: GatewayResponse;
    try {
      response = await waiting;
    } catch (error) {
      return failFrom(index - 1, exchange, error);
    }
    return leaveFrom(index - 1, exchange, response);
  }

  /** The error goes outwards until a layer turns it into a response, which then leaves through the layers around it. */
  function failFrom(index: number, exchange: Exchange, error: unknown): GatewayResponse | Promise<GatewayResponse> {
    let current = error;
    for (let i = index; i >= 0; i--) {
      let response: GatewayResponse | undefined;
      try {
        response = layers[i]?.fail?.(exchange, current);
      } catch (worse) {
        current = worse;
      }
      if (response !== undefined) return leaveFrom(i - 1, exchange, response);
    }
    throw current;
  }

  return {
    run: (exchange) => enterFrom(0, exchange),
    finish: (exchange) => {
      for (const layer of finishing) layer.finish?.(exchange);
    },
  };
}

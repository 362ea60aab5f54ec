import { continueTrace, traceIdOf } from "@headgate/http";

/** An exchange's place in a trace, made when it is first asked for: a hit that no log tells of needs none. */
export class ExchangeTrace {
  readonly #parent: string | undefined;
  readonly #random: () => number;
  #traceparent: string | null = null;

  /** @param parent traceparent of the client */
  constructor(parent: string | undefined, random: () => number) {
    this.#parent = parent;
    this.#random = random;
  }

  /** 32 lower-case hexadecimal digits. */
  get id(): string {
    return traceIdOf(this.traceparent);
  }

  /** For a request that goes upstream. */
  get traceparent(): string {
    this.#traceparent ??= continueTrace(this.#parent, this.#random);
    return this.#traceparent;
  }
}

import { isSource } from "../body.ts";
import { Cancellation } from "../cancellation.ts";
import { GatewayError } from "../gateway-error.ts";
import { AttemptError } from "./attempt-error.ts";
import type { TryOnce } from "./fetch.ts";
import type { MirrorRule } from "./mirror-rule.ts";
import type { UpstreamRequest, UpstreamResponse } from "./upstream-request.ts";

/** A body up to here is read to its end, so that the connection can be used again; bytes. */
const LARGEST = 1024 * 1024;

/** Why a copy was broken off. */
class Ended extends Error {
  readonly outcome: string;

  constructor(outcome: string) {
    super(`a mirrored request is broken off: ${outcome}`);
    this.name = "Ended";
    this.outcome = outcome;
  }
}

/** A copy of a request, sent once to a pool whose answers nobody waits for. */
export class MirroredCopy {
  readonly #request: UpstreamRequest;
  readonly #timeout: number;
  readonly #cancellation = new Cancellation();

  /** @param request as it goes upstream, its body at hand */
  constructor(request: UpstreamRequest, { pool, timeout }: MirrorRule) {
    this.#timeout = timeout;
    this.#request = {
      ...request,
      ...{ pool, cancellation: this.#cancellation, attempts: [] },
      // What is about the client is not about a copy.
      ...{ session: null, retry: null, interim: null, incoming: null, mirror: null },
    };
  }

  /** @returns how it ended: the class of its status (`2xx`), or what was in the way; never rejects */
  async send(send: TryOnce): Promise<string> {
    const timer = setTimeout(() => this.end("timeout"), this.#timeout);
    try {
      const response = await send(this.#request, null);
      await drain(response);
      return `${Math.floor(response.status / 100)}xx`;
    } catch (error) {
      return outcomeOf(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Breaks it off. */
  end(outcome: string): void {
    this.#cancellation.cancel(new Ended(outcome));
  }
}

/** Reads an answer's body away, or breaks off one that is too long for that. */
function drain(response: UpstreamResponse): Promise<void> {
  response.tunnel?.destroy();
  const body = response.takeBody();
  if (!isSource(body)) return Promise.resolve();
  let bytes = 0;
  return new Promise((resolve, reject) => {
    body.pipe({
      data: (chunk) => {
        bytes += chunk.length;
        if (bytes <= LARGEST) return true;
        body.cancel(new Ended("too-large"));
        resolve();
        return false;
      },
      end: () => resolve(),
      fail: reject,
    });
  });
}

function outcomeOf(error: unknown): string {
  if (error instanceof Ended || error instanceof AttemptError) return error.outcome;
  return error instanceof GatewayError ? error.code : "failed";
}

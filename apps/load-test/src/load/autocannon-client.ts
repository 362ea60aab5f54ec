import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";

/** A response's head, as autocannon's parser gives it. */
export interface Head {
  /** Names and values by turns. */
  readonly headers: readonly string[];
  readonly statusCode: number;
  readonly shouldKeepAlive: boolean;
}

type Hook = (head: Head) => unknown;

interface Parser {
  readonly constructor: { readonly kOnHeadersComplete: number; readonly kOnMessageComplete: number };
  [hook: number]: Hook | undefined;
  reinitialize(type: "RESPONSE"): void;
  /** Tells it that the stream ended: that completes a body which has no other end. */
  finish(): unknown;
}

/**
 * What autocannon 9.0.0's client has beyond its typed interface. The catalog pins the version, and the tests of
 * `paced-link.ts` fail where another one differs.
 */
export interface AutocannonClient extends EventEmitter {
  readonly conn: Socket | undefined;
  readonly parser: Parser;
  /** Connects, then calls `_doRequest`. Called at the start, and after each loss of the connection. */
  _connect: () => void;
  /** Sends a request. Called once a connection is begun, and after each answer. */
  _doRequest: () => void;
  _destroyConnection: () => void;
}

/**
 * Tells the parser what it cannot know: the answer to HEAD has no body, an interim response is no answer, and one
 * that nobody `expected` (a server that gives up on an idle connection) belongs to no request.
 */
export function teachParser(parser: Parser, method: string, expected: () => boolean): void {
  const { kOnHeadersComplete, kOnMessageComplete } = parser.constructor;
  const onHead = parser[kOnHeadersComplete];
  const onEnd = parser[kOnMessageComplete];
  let answer = false;
  parser[kOnHeadersComplete] = (head) => {
    answer = head.statusCode >= 200 && expected();
    if (answer) onHead?.(head);
    return method === "HEAD";
  };
  parser[kOnMessageComplete] = (head) => (answer ? onEnd?.(head) : undefined);
}

/** The value of a field in a head's list; the name in lower case. */
export function field(headers: readonly string[], name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) if (headers[i]?.toLowerCase() === name) return headers[i + 1];
  return undefined;
}

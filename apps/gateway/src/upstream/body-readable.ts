import { Readable } from "node:stream";
import type { BodySource } from "../body.ts";

/**
 * A body source as the Readable that undici takes. Never the client's request itself: undici destroys what it is given,
 * and the client is still owed an answer.
 */
export function readableFrom(source: BodySource): Readable {
  let piped = false;
  const readable = new Readable({
    read() {
      if (piped) {
        source.resume();
        return;
      }
      piped = true;
      source.pipe({
        data: (chunk) => readable.push(chunk),
        end: () => readable.push(null),
        fail: (error) => readable.destroy(error),
      });
    },
    destroy(error, callback) {
      source.cancel(error ?? new Error("the backend takes no more of the body"));
      callback(error);
    },
  });
  return readable;
}

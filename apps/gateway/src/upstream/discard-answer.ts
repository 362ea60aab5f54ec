import { isSource } from "../body.ts";
import type { AttemptError } from "./attempt-error.ts";
import type { UpstreamResponse } from "./upstream-request.ts";

/** A body up to here is read to its end, so that the connection can be used again; bytes. */
const LARGEST = 64 * 1024;

/** Lets go of an answer that another attempt is made for. */
export function discardAnswer(response: UpstreamResponse, failed: AttemptError): void {
  const body = response.takeBody();
  if (!isSource(body)) return;
  let bytes = 0;
  body.pipe({
    data: (chunk) => {
      bytes += chunk.length;
      if (bytes > LARGEST) body.cancel(failed);
      return true;
    },
    end: () => undefined,
    fail: () => undefined,
  });
}

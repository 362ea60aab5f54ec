import { createHash } from "node:crypto";
import type { Exchange } from "../exchange.ts";
import { SharedBody } from "../shared-body.ts";
import type { IncomingBody } from "../upstream/outgoing-body.ts";

/**
 * Reads a request's content whole, as a QUERY's key needs it, and keeps it for upstream. undefined where there are more bytes
 * than `limits.replay`: then the request goes on with what was read and what is still to come.
 * @returns a digest that no other content has
 */
export async function holdContent(exchange: Exchange): Promise<string | undefined> {
  const { upload, generation } = exchange;
  const { replay, responseBuffer } = generation.config.limits;
  if (upload === null) return digest(Buffer.alloc(0));
  if (upload.length !== null && upload.length > replay) return undefined;
  const read = await readUpTo(upload, replay, responseBuffer);
  if (!Buffer.isBuffer(read)) {
    exchange.upload = read;
    return undefined;
  }
  exchange.content = read;
  return digest(read);
}

function digest(content: Buffer): string {
  return createHash("sha256").update(content).digest("base64");
}

/** All of a body, or, where it has more than `limit` bytes, a body that begins anew. */
function readUpTo(source: IncomingBody, limit: number, window: number): Promise<Buffer | IncomingBody> {
  const shared = new SharedBody(source, limit, window);
  const again = Object.assign(shared.reader(), { length: source.length });
  const reader = shared.reader();
  return new Promise((resolve, reject) => {
    reader.pipe({
      data: () => {
        if (shared.whole) return true;
        reader.cancel(new Error("too long to be held"));
        resolve(again);
        return false;
      },
      end: () => resolve(Buffer.concat(shared.chunks)),
      fail: reject,
    });
  });
}

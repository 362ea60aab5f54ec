import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Response } from "express";
import type { Handler, Locals } from "./handler.ts";

type Answer = Response<unknown, Locals>;

const chunk = Buffer.alloc(64 * 2 ** 10, "0123456789abcde\n");
const bodiless = new Set([204, 205, 304]);

function* pattern(total: number): Generator<Buffer> {
  for (let left = total; left > 0; left -= chunk.length) yield left < chunk.length ? chunk.subarray(0, left) : chunk;
}

/** Sends the head and half of the body that it announces, then breaks the connection off. */
async function sendHalf(response: Answer, body: Iterable<Buffer>, length: number): Promise<void> {
  response.set("Content-Length", String(length)).flushHeaders();
  await pipeline(Readable.from(body), response, { end: false });
  response.socket?.destroySoon();
}

/** Streams `size` bytes; the memory it takes does not depend on how many. */
async function sendSized(request: Parameters<Handler>[0], response: Answer, size: number): Promise<void> {
  response.set({ "Content-Type": "application/octet-stream", ETag: `"size-${size}"` });
  if (request.fresh) response.status(304);
  if (bodiless.has(response.statusCode)) return void response.end();
  if (response.locals.faults.drop === "body") return sendHalf(response, pattern(Math.ceil(size / 2)), size);
  response.set("Content-Length", String(size));
  if (request.method === "HEAD") return void response.end();
  await pipeline(Readable.from(pattern(size)), response);
}

async function sendJson(response: Answer, value: unknown): Promise<void> {
  if (response.locals.faults.drop !== "body" || bodiless.has(response.statusCode)) return void response.json(value);
  const bytes = Buffer.from(JSON.stringify(value));
  response.type("json");
  await sendHalf(response, [bytes.subarray(0, bytes.length / 2)], bytes.length);
}

/** Answers what was asked: port, method, path, query and body; with `debug` the headers too. */
export function echo(debug: boolean): Handler {
  return async (request, response) => {
    const { size } = response.locals.faults;
    try {
      if (size !== undefined) return await sendSized(request, response, size);
      await sendJson(response, {
        port: request.socket.localPort,
        method: request.method,
        path: request.path,
        query: request.query,
        ...response.locals.received,
        ...(debug ? { headers: request.headers } : {}),
      });
    } catch (error) {
      // A client that leaves in the middle of the body has no use for an answer.
      if (!response.destroyed) throw error;
    }
  };
}

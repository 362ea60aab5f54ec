import type { IncomingMessage } from "node:http";
import { AdminProblem } from "./problem.ts";

/** Largest body of an admin request, bytes. */
export const MAX_BODY = 64 * 1024;

const utf8 = new TextDecoder("utf-8", { fatal: true });

function tooLarge(): AdminProblem {
  return new AdminProblem("content-too-large", `The body may have ${MAX_BODY} bytes at most.`, { Connection: "close" });
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > MAX_BODY) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  // Left by an exception, the loop would destroy the request, and with it the connection that the answer needs.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function checkType(type: string | undefined): void {
  const essence = type?.split(";", 1)[0]?.trim().toLowerCase();
  if (essence === "application/json") return;
  const seen = type === undefined ? "none" : `"${type}"`;
  throw new AdminProblem("unsupported-media-type", `Send the body with Content-Type: application/json, not ${seen}.`);
}

/**
 * The JSON value of a request's body; undefined where it has none. The type is insisted on, since a page of another
 * site cannot send it without asking first.
 * @throws AdminProblem where the body is too large, of another type or not JSON
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request);
  if (body.length === 0) return undefined;
  checkType(request.headers["content-type"]);
  try {
    return JSON.parse(utf8.decode(body));
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : "it is not UTF-8";
    throw new AdminProblem("malformed-request", `The body is not JSON: ${reason}.`);
  }
}

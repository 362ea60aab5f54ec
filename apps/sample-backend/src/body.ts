import type { IncomingMessage } from "node:http";

/** A request's body as the echo gives it. */
export interface ReceivedBody {
  /** The parsed JSON, else the text, else `null` where there was no body or it was too large to keep. */
  readonly body: unknown;
  /** Bytes that came. */
  readonly bodyBytes: number;
  /** Why `body` is not what its Content-Type says. */
  readonly note?: string;
}

/** Larger bodies are counted, not kept. */
export const bodyLimit: number = 10 * 2 ** 20;

const isJson = (contentType: string): boolean => /^\s*[\w.+-]+\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType);

/** Turns whole bytes into what the echo answers. Malformed JSON comes back as text, with a note. */
export function interpretBody(bytes: Buffer, contentType: string): ReceivedBody {
  if (bytes.length === 0) return { body: null, bodyBytes: 0 };
  const text = bytes.toString("utf8");
  if (!isJson(contentType)) return { body: text, bodyBytes: bytes.length };
  try {
    return { body: JSON.parse(text) as unknown, bodyBytes: bytes.length };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { body: text, bodyBytes: bytes.length, note: `sent as JSON, but it is not: ${why}` };
  }
}

/** Reads a request to its end, keeping at most `bodyLimit` bytes. Rejects when the client leaves before the end. */
export async function readBody(request: IncomingMessage): Promise<ReceivedBody> {
  const chunks: Buffer[] = [];
  let bodyBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bodyBytes += chunk.length;
    if (bodyBytes <= bodyLimit) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bodyBytes > bodyLimit) {
    return { body: null, bodyBytes, note: `over ${bodyLimit} bytes, so it was read and counted but is not echoed` };
  }
  return interpretBody(Buffer.concat(chunks, bodyBytes), request.headers["content-type"] ?? "");
}

/** The id that a request goes by in the statistics: a JSON body's `id`, else its X-Request-Id. At most 200 characters. */
export function requestId(body: unknown, header: string | undefined): string | undefined {
  const id = typeof body === "object" && body !== null && "id" in body ? body.id : header;
  return typeof id === "string" || typeof id === "number" ? String(id).slice(0, 200) : undefined;
}

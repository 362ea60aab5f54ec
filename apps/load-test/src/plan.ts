import type { Body } from "./body.ts";
import type { Plan } from "./load/run.ts";
import type { LoadOptions } from "./options.ts";

/**
 * Connections where the user names no number: a fifth of the rate at the start (enough for answers within 200 ms), and
 * up to one for each request of a second, at most 256, when answers take longer.
 */
export function connectionsFor(rate: number, asked: number | undefined): Plan["connections"] {
  if (asked !== undefined) return { open: asked, most: asked };
  const most = Math.min(256, Math.max(10, Math.ceil(rate)));
  return { open: Math.min(50, Math.max(1, Math.ceil(rate / 5))), most };
}

/** The request's fields: the key and the content type, unless a `--header` says otherwise; repeated ones are joined. */
function headersFor(
  { apiKey, header }: LoadOptions,
  { bytes, contentType }: Body,
  method: string,
): Record<string, string> {
  const fields = new Map<string, readonly [string, string]>();
  const set = (name: string, value: string): void => {
    const before = fields.get(name.toLowerCase())?.[1];
    fields.set(name.toLowerCase(), [name, before === undefined ? value : `${before}, ${value}`]);
  };
  for (const [name, value] of header) set(name, value);
  if (apiKey !== "" && !fields.has("x-api-key")) set("X-API-Key", apiKey);
  if (contentType !== undefined && !fields.has("content-type")) set("Content-Type", contentType);
  // A POST without a body says so; autocannon only tells the length of a body that is there.
  if (!bytes?.length && ["POST", "PUT", "PATCH"].includes(method)) set("Content-Length", "0");
  return Object.fromEntries(fields.values());
}

/** Turns checked options into what the run needs. */
export function planLoad(options: LoadOptions, body: Body): Plan {
  return {
    url: options.url,
    method: options.method,
    headers: headersFor(options, body, options.method),
    body: body.bytes,
    rate: options.rps,
    seconds: options.duration,
    connections: connectionsFor(options.rps, options.connections),
    timeout: options.timeout,
  };
}

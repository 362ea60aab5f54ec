import { existsSync, readFileSync, statSync } from "node:fs";
import { extname } from "node:path";
import type { LoadOptions } from "./options.ts";

export interface Body {
  readonly bytes: Buffer | undefined;
  /** What the bytes are, where that is known. */
  readonly contentType: string | undefined;
}

export type BodyOutcome =
  | { readonly kind: "ok"; readonly body: Body }
  | { readonly kind: "invalid"; readonly problem: string };

/** Each request has an id of its own, so that a backend can tell whether one came twice. */
const fallback = '{"hello":"world","id":"[<id>]"}';
const json = "application/json";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function readFile(path: string): BodyOutcome {
  try {
    const contentType = extname(path) === ".json" ? json : "application/octet-stream";
    return { kind: "ok", body: { bytes: readFileSync(path), contentType } };
  } catch (error) {
    return { kind: "invalid", problem: `--body: cannot read ${path}: ${(error as Error).message}` };
  }
}

/** The request body: JSON as given, a file's bytes, or for POST, PUT and PATCH a small JSON object. */
export function loadBody({ body, method }: Pick<LoadOptions, "body" | "method">): BodyOutcome {
  if (body === undefined) {
    const none = !["POST", "PUT", "PATCH"].includes(method);
    return {
      kind: "ok",
      body: none ? { bytes: undefined, contentType: undefined } : { bytes: Buffer.from(fallback), contentType: json },
    };
  }
  if (isJson(body)) return { kind: "ok", body: { bytes: Buffer.from(body), contentType: json } };
  if (existsSync(body) && statSync(body).isFile()) return readFile(body);
  const problem = `--body: got ${JSON.stringify(body)}, expected JSON, such as '{"a":1}', or a file that exists`;
  return { kind: "invalid", problem };
}

import { readCookie } from "@headgate/balancer";
import { getField, getFields } from "@headgate/http";
import type { UpstreamRequest } from "./upstream-request.ts";

/** What of a request keys are taken from. */
export type HashInput = Pick<UpstreamRequest, "client" | "path" | "fields">;

/** The key by which a request is hashed to a backend or pool; undefined where it has none. */
export type HashKey = (request: HashInput) => string | undefined;

/** What a key is taken from; those of header, cookie and query have a name. */
export type HashSource = "client" | "header" | "cookie" | "query" | "path";

/** Takes keys from `source`; `name` is empty where it has none. */
export function hashKeyOf(source: HashSource, name: string): HashKey {
  const lowerName = name.toLowerCase();
  switch (source) {
    case "client":
      return ({ client }) => client;
    case "path":
      return ({ path }) => split(path)[0];
    case "header":
      return ({ fields }) => getField(fields, lowerName);
    case "query":
      return ({ path }) => new URLSearchParams(split(path)[1]).get(name) ?? undefined;
    case "cookie":
      return ({ fields }) => readCookie(getFields(fields, "cookie").join(";"), name);
  }
}

function split(path: string): [path: string, query: string] {
  const mark = path.indexOf("?");
  return mark < 0 ? [path, ""] : [path.slice(0, mark), path.slice(mark + 1)];
}

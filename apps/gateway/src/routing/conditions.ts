import { readCookie } from "@headgate/balancer";
import { getFields } from "@headgate/http";

/** What a value has to be: this text, one that begins like it (`*` at its end), there (true), or not there (false). */
export type Wanted = string | boolean;

export interface Conditions {
  readonly headers?: Readonly<Record<string, Wanted>> | undefined;
  readonly cookies?: Readonly<Record<string, Wanted>> | undefined;
  readonly query?: Readonly<Record<string, Wanted>> | undefined;
}

/** Whether a request is as a route wants it, by its fields and its target with the query. */
export type Condition = (fields: readonly string[], path: string) => boolean;

/** All that must hold beside host, path and method; null where nothing must. */
export function compileConditions({ headers = {}, cookies = {}, query = {} }: Conditions): readonly Condition[] | null {
  const all = [
    ...Object.entries(headers).map(([name, wanted]) => ofHeader(name.toLowerCase(), isWanted(wanted))),
    ...Object.entries(cookies).map(([name, wanted]) => ofCookie(name, isWanted(wanted))),
    ...Object.entries(query).map(([name, wanted]) => ofParameter(name, isWanted(wanted))),
  ];
  return all.length === 0 ? null : all;
}

type IsWanted = (values: readonly string[]) => boolean;

/** One of several values is enough. */
function isWanted(wanted: Wanted): IsWanted {
  if (typeof wanted === "boolean") return (values) => values.length > 0 === wanted;
  if (!wanted.endsWith("*")) return (values) => values.includes(wanted);
  const prefix = wanted.slice(0, -1);
  return (values) => values.some((value) => value.startsWith(prefix));
}

function ofHeader(name: string, isRight: IsWanted): Condition {
  return (fields) => isRight(getFields(fields, name));
}

function ofCookie(name: string, isRight: IsWanted): Condition {
  return (fields) => {
    const value = readCookie(getFields(fields, "cookie").join(";"), name);
    return isRight(value === undefined ? [] : [value]);
  };
}

function ofParameter(name: string, isRight: IsWanted): Condition {
  return (_fields, path) => {
    const mark = path.indexOf("?");
    return isRight(mark < 0 ? [] : new URLSearchParams(path.slice(mark)).getAll(name));
  };
}

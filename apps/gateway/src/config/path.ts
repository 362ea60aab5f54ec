/** A place in the config: keys and list indices from the top. */
export type Path = readonly (string | number)[];

const IDENTIFIER = /^[A-Za-z_$][\w$-]*$/;

/** `["pools", "a b", "backends", 0]` → `pools["a b"].backends[0]`. */
export function formatPath(path: Path): string {
  let formatted = "";
  for (const key of path) {
    if (typeof key === "number") formatted += `[${key}]`;
    else if (!IDENTIFIER.test(key)) formatted += `[${JSON.stringify(key)}]`;
    else formatted += formatted === "" ? key : `.${key}`;
  }
  return formatted;
}

/** What stands at the place, or undefined. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** Beyond so many, and of that length, each entry keeps its own. */
const MOST = 1000;
const LONGEST = 64;

const names = new Map<string, string>();

/**
 * The same name, as one text for all entries. Each hit compares names, and what a hundred thousand entries share is in the
 * processor's caches; nor does it hold on to the head that it was cut from.
 */
export function sharedName(name: string): string {
  const known = names.get(name);
  if (known !== undefined || names.size >= MOST || name.length > LONGEST) return known ?? name;
  names.set(name, name);
  return name;
}

/**
 * Header fields as one flat list, `[name, value, name, value, ...]`, exactly like node's `rawHeaders`: it keeps the order,
 * the spelling and the repetitions, and costs no object per field.
 */
export type FieldList = string[];

const A = 0x41;
const Z = 0x5a;
const TO_LOWER = 0x20;

/**
 * Whether a field has that name, in whatever case it is written. On the hot path nearly every comparison ends at the length; the others
 * go letter by letter, which costs less than a copy in lower case.
 */
export function isNamed(name: string | undefined, lowerName: string): boolean {
  if (name === undefined || name.length !== lowerName.length) return false;
  for (let i = 0; i < name.length; i += 1) {
    const code = name.charCodeAt(i);
    if (code !== lowerName.charCodeAt(i) && !(code >= A && code <= Z && code + TO_LOWER === lowerName.charCodeAt(i)))
      return false;
  }
  return true;
}

/** The same for a name in any case: a copy in lower case of each name that is set would cost more than all comparisons. */
function isAlike(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i += 1) if (lower(one.charCodeAt(i)) !== lower(other.charCodeAt(i))) return false;
  return true;
}

function lower(code: number): number {
  return code >= A && code <= Z ? code + TO_LOWER : code;
}

/** The first value of a field, or undefined. `lowerName` is in lower case, here and in all functions below. */
export function getField(list: readonly string[], lowerName: string): string | undefined {
  for (let i = 0; i < list.length; i += 2) if (isNamed(list[i], lowerName)) return list[i + 1];
  return undefined;
}

/** All values of a field, in order. */
export function getFields(list: readonly string[], lowerName: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < list.length; i += 2) {
    if (isNamed(list[i], lowerName)) values.push(list[i + 1] ?? "");
  }
  return values;
}

/** All values of a field joined by ", " (RFC 9110 §5.3), or undefined where there is none. Wrong for Set-Cookie. */
export function joinField(list: readonly string[], lowerName: string): string | undefined {
  let joined: string | undefined;
  for (let i = 0; i < list.length; i += 2) {
    if (isNamed(list[i], lowerName)) joined = joined === undefined ? list[i + 1] : `${joined}, ${list[i + 1]}`;
  }
  return joined;
}

/** Whether a field is there at all, even with an empty value. */
export function hasField(list: readonly string[], lowerName: string): boolean {
  for (let i = 0; i < list.length; i += 2) if (isNamed(list[i], lowerName)) return true;
  return false;
}

/** Sets a field in place: the first of that name takes the value and the spelling, others go; it is appended where none was. */
export function setField(list: FieldList, name: string, value: string): void {
  for (let i = 0; i < list.length; i += 2) {
    if (!isAlike(list[i] as string, name)) continue;
    list[i] = name;
    list[i + 1] = value;
    removeFrom(list, name.toLowerCase(), i + 2);
    return;
  }
  list.push(name, value);
}

/** Removes every field of that name, in place. */
export function removeField(list: FieldList, lowerName: string): void {
  removeFrom(list, lowerName, 0);
}

function removeFrom(list: FieldList, lowerName: string, start: number): void {
  let kept = start;
  for (let i = start; i < list.length; i += 2) {
    const name = list[i];
    if (name === undefined || isNamed(name, lowerName)) continue;
    if (kept !== i) {
      list[kept] = name;
      list[kept + 1] = list[i + 1] ?? "";
    }
    kept += 2;
  }
  if (kept < list.length) list.length = kept;
}

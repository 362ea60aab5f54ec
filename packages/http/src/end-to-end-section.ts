import { type FieldList, isNamed } from "./fields.ts";
import { droppable, isEndToEnd } from "./hop-by-hop.ts";
import { DATED, type RepeatedFields, SIZED } from "./repeated-fields.ts";

const LF = 0x0a;
const SP = 0x20;

/**
 * The end-to-end fields of a response that was read, with their lines as they came: what nobody changes need not be written anew. No
 * lines where one of them is not as we would write it, since white space around a value does not go on.
 * @param list flat `[name, value, ...]`, all fields of the section
 * @param text the section, one character per octet, each line with its CRLF; "" where it is not at hand
 */
export function endToEndSection(list: readonly string[], text: string): RepeatedFields {
  const listed = droppable(list);
  const fields: FieldList = [];
  let lines = "";
  let told = 0;
  let isPlain = true;
  let from = 0;
  let at = 0;
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] as string;
    const value = list[i + 1] as string;
    const end = at + name.length + value.length + 4;
    // The section is valid, so its only LF in a line is the last character of that line.
    isPlain &&= text.charCodeAt(at + name.length + 1) === SP && text.charCodeAt(end - 1) === LF;
    if (isEndToEnd(name, listed)) {
      fields.push(name, value);
      if (isNamed(name, "content-length")) told |= SIZED;
      else if (isNamed(name, "date")) told |= DATED;
    } else {
      lines += text.slice(from, at);
      from = end;
    }
    at = end;
  }
  lines += text.slice(from, at);
  return { fields, lines: isPlain ? lines : undefined, told };
}

import { joinField } from "./fields.ts";
import type { HttpVersion } from "./framing.ts";
import { splitList } from "./lists.ts";

/**
 * The value of Via with our own member appended (RFC 9110 §7.6.3): `1.0 fred, 1.1 headgate`.
 * @param version the protocol by which the message has reached us
 */
export function viaValue(fields: readonly string[], version: HttpVersion, pseudonym: string): string {
  const received = joinField(fields, "via");
  return received === undefined || received === "" ? `${version} ${pseudonym}` : `${received}, ${version} ${pseudonym}`;
}

/** How often a message has come through a proxy of this name: more than a few times is a loop. */
export function viaCount(fields: readonly string[], pseudonym: string): number {
  const received = joinField(fields, "via");
  if (received === undefined) return 0;
  let count = 0;
  for (const member of splitList(received)) {
    if (member.split(/[\t ]+/)[1] === pseudonym) count += 1;
  }
  return count;
}

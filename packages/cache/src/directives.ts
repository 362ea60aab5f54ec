import { isToken, splitList, unquote } from "@headgate/http";

/** A member of Cache-Control: its lower-cased name, and its argument without quotes, undefined where there is none. */
export interface Directive {
  readonly name: string;
  readonly argument: string | undefined;
}

/** Parses Cache-Control by its grammar (RFC 9111 §5.2): members that are not `token [= (token / quoted-string)]` are left out. */
export function parseDirectives(value: string): Directive[] {
  const directives: Directive[] = [];
  for (const member of splitList(value)) {
    const equals = member.indexOf("=");
    const name = equals < 0 ? member : member.slice(0, equals);
    if (!isToken(name)) continue;
    directives.push({ name: name.toLowerCase(), argument: equals < 0 ? undefined : unquote(member.slice(equals + 1)) });
  }
  return directives;
}

/** The lower-cased field names that an argument such as `"a, b"` lists. */
export function listedNames(argument: string): string[] {
  return splitList(argument.toLowerCase());
}

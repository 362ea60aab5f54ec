import * as fc from "fast-check";

const TCHAR = [..."!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"];

/** A token of RFC 9110 §5.6.2, up to 20 characters. */
export function token(): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...TCHAR), minLength: 1, maxLength: 20 });
}

/** A field value: HTAB, SP, visible ASCII and obs-text, often with the characters that grammars turn on. */
export function fieldValue(): fc.Arbitrary<string> {
  const octet = fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f);
  const any = octet.map((code) => String.fromCharCode(code));
  const telling = fc.constantFrom(...'\t ",;=\\*/()[]:-0123456789');
  return fc.string({ unit: fc.oneof(any, telling), maxLength: 40 });
}

/** A flat field list with 0 to 12 fields; names come back in other cases, and some are well known. */
export function fieldList(): fc.Arbitrary<string[]> {
  const known = fc.constantFrom("Host", "Connection", "connection", "Content-Length", "Cache-Control", "VARY", "ETag");
  const pair = fc.tuple(fc.oneof(token(), known), fieldValue());
  return fc.array(pair, { maxLength: 12 }).map((pairs) => pairs.flat());
}

/** A host name, an IPv4 address or an IPv6 address in brackets. */
export function host(): fc.Arbitrary<string> {
  const label = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,11}$/);
  const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
  return fc.oneof(
    name,
    fc.ipV4(),
    fc.ipV6().map((address) => `[${address}]`),
  );
}

/** A host with or without a port. */
export function authority(): fc.Arbitrary<string> {
  const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
  return fc.tuple(host(), port).map(([name, number]) => (number === undefined ? name : `${name}:${number}`));
}

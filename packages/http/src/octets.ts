const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const DEL = 0x7f;
const TOKEN_MARKS = "!#$%&'*+-.^_`|~";

function tableOf(holds: (code: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => (holds(code) ? 1 : 0));
}

function isAlphanumeric(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

/** 1 for each octet of a token (RFC 9110 §5.6.2). */
export const TOKEN_OCTETS: Uint8Array = tableOf(
  (code) => isAlphanumeric(code) || TOKEN_MARKS.includes(String.fromCharCode(code)),
);

/** 1 for each octet of a field value: HTAB, SP, visible ASCII, obs-text (RFC 9110 §5.5). */
export const VALUE_OCTETS: Uint8Array = tableOf((code) => code === TAB || (code >= SP && code !== DEL));

/** Whether a line ends with LF alone. @param first where the first LF stands; -1 for none */
export function hasBareLf(bytes: Buffer, first: number): boolean {
  for (let at = first; at >= 0; at = bytes.indexOf(LF, at + 1)) if (bytes[at - 1] !== CR) return true;
  return false;
}

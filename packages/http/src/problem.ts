/** Every problem that the gateway makes itself: its stable code, its status and its title. */
const PROBLEMS = {
  "malformed-request": [400, "The request could not be read"],
  "malformed-field": [400, "A header field is malformed"],
  "missing-host": [400, "The request names no host"],
  "repeated-host": [400, "The request names more than one host"],
  "invalid-host": [400, "The host is malformed"],
  "length-with-transfer-encoding": [400, "The length of the content is told in two ways"],
  "repeated-content-length": [400, "The length of the content is told twice"],
  "invalid-content-length": [400, "The length of the content is not a number"],
  "invalid-transfer-encoding": [400, "The transfer coding is malformed"],
  "content-not-allowed": [400, "The method does not allow content"],
  "invalid-target": [400, "The request target is malformed"],
  "ambiguous-path": [400, "The path can be read in more than one way"],
  "incomplete-content": [400, "The content ended early"],
  "missing-credential": [401, "A credential is needed"],
  "invalid-credential": [401, "The credential is not valid"],
  forbidden: [403, "Access is denied"],
  "no-route": [404, "No route leads there"],
  "method-not-allowed": [405, "The method is not allowed"],
  "request-timeout": [408, "The request took too long to arrive"],
  "content-too-large": [413, "The content is too large"],
  "uri-too-long": [414, "The request target is too long"],
  "range-not-satisfiable": [416, "The range is not satisfiable"],
  "expectation-failed": [417, "The expectation cannot be met"],
  "misdirected-request": [421, "The request was sent to the wrong server"],
  "upgrade-required": [426, "Another protocol is needed"],
  "rate-limited": [429, "Too many requests"],
  "fields-too-large": [431, "The header fields are too large"],
  internal: [500, "The gateway has failed"],
  "unsupported-transfer-encoding": [501, "The transfer coding is not supported"],
  "upstream-refused": [502, "The backend refused the connection"],
  "upstream-unresolved": [502, "The backend's name could not be resolved"],
  "upstream-tls": [502, "The backend's certificate or TLS handshake failed"],
  "upstream-reset": [502, "The backend broke the connection off"],
  "upstream-bad-response": [502, "The backend's response could not be read"],
  "upgrade-refused": [502, "The backend did not switch protocols"],
  "no-healthy-backend": [503, "No healthy backend is left"],
  "pool-busy": [503, "The backends are busy"],
  "circuit-open": [503, "The backends fail and are given a rest"],
  overload: [503, "The gateway is busy"],
  "shutting-down": [503, "The gateway is stopping"],
  "proxy-loop": [508, "The request came back to the gateway"],
  "upstream-connect-timeout": [504, "The backend did not accept the connection in time"],
  "upstream-timeout": [504, "The backend did not answer in time"],
  "upstream-try-timeout": [504, "The backend did not answer in the time of one try"],
  "upstream-total-timeout": [504, "No backend answered in the time of all tries"],
  "upstream-body-timeout": [504, "The backend stopped sending"],
  "only-if-cached": [504, "The response is not in the cache"],
  "revalidation-failed": [504, "The stored response could not be validated"],
} as const;

/** The stable names of the problems. */
export type ProblemCode = keyof typeof PROBLEMS;

/** A row of the table; `type` is a URI that names the kind of problem (RFC 9457 §3.1.1). */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly type: string;
}

/** All codes, for documentation and tests. */
export const PROBLEM_CODES: readonly ProblemCode[] = Object.keys(PROBLEMS) as ProblemCode[];

export const PROBLEM_JSON: string = "application/problem+json";

/** Status, title and type of a problem. */
export function problemKind(code: ProblemCode): ProblemKind {
  const [status, title] = PROBLEMS[code];
  return { status, title, type: `urn:headgate:problem:${code}` };
}

/**
 * The body of a problem response (RFC 9457), to be sent as `application/problem+json`.
 * @param detail what is wrong with this very request, for the person who reads it; never a secret
 * @param instance a URI or id of this occurrence, such as the request id
 */
export function problemBody(code: ProblemCode, detail: string, instance?: string): string {
  const { status, title, type } = problemKind(code);
  return JSON.stringify({ type, title, status, code, detail, instance });
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

/** The same as a small page for a browser, to be sent as `text/html; charset=utf-8`; it loads nothing and runs nothing. */
export function problemPage(code: ProblemCode, detail: string, instance?: string): string {
  const { status, title } = problemKind(code);
  const reference = instance === undefined ? "" : `<p><small>Reference: ${escapeHtml(instance)}</small></p>\n`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${status} ${title}</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem}</style>
<h1>${status} ${title}</h1>
<p>${escapeHtml(detail)}</p>
<p><small>Code: ${code}</small></p>
${reference}</html>
`;
}

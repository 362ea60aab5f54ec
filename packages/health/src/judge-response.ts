/** What a check's answer must be. */
export interface Expectation {
  /** Statuses that are good: single ones or ranges, both ends included. Default 200 to 299. */
  readonly status?: readonly (number | readonly [number, number])[];
  /** Text that the body must hold, or a pattern that it must match. Default anything. */
  readonly body?: string | RegExp;
  /** Fields that must be there, by lower-case name; a text must be the value, null stands for any. Default none. */
  readonly fields?: Readonly<Record<string, string | null>>;
}

export interface CheckAnswer {
  readonly status: number;
  readonly body: string;
  /** By lower-case name; undefined where there is no such field. */
  readonly field: (name: string) => string | undefined;
}

export type Verdict = { readonly ok: true } | { readonly ok: false; readonly reason: string };

const GOOD_STATUS: NonNullable<Expectation["status"]> = [[200, 299]];

/** Whether an answer is as expected, and if not, what is wrong with it, for people. Source: HAProxy `http-check expect`. */
export function judgeResponse({ status, body, field }: CheckAnswer, expected: Expectation): Verdict {
  if (!(expected.status ?? GOOD_STATUS).some((one) => matches(one, status))) {
    return { ok: false, reason: `status ${status}` };
  }
  for (const [name, value] of Object.entries(expected.fields ?? {})) {
    const found = field(name);
    if (found === undefined) return { ok: false, reason: `no ${name} field` };
    if (value !== null && found !== value)
      return { ok: false, reason: `${name} is ${quote(found)}, not ${quote(value)}` };
  }
  return judgeBody(body, expected.body);
}

function judgeBody(body: string, wanted: Expectation["body"]): Verdict {
  if (wanted === undefined) return { ok: true };
  if (typeof wanted === "string") {
    return body.includes(wanted) ? { ok: true } : { ok: false, reason: `body has no ${quote(wanted)}` };
  }
  return body.search(wanted) >= 0 ? { ok: true } : { ok: false, reason: `body does not match ${wanted}` };
}

function matches(one: number | readonly [number, number], status: number): boolean {
  return typeof one === "number" ? one === status : status >= one[0] && status <= one[1];
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

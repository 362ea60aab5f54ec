import { type ProblemCode, problemKind } from "@headgate/http";

/** Problems that only the admin API has, in the manner of the data plane's table. */
const ADMIN_PROBLEMS = {
  "invalid-input": [400, "The input is not valid"],
  "not-found": [404, "There is no such thing"],
  "unsupported-media-type": [415, "The content type is not supported"],
} as const;

type AdminProblemCode = ProblemCode | keyof typeof ADMIN_PROBLEMS;

function kindOf(code: AdminProblemCode): { status: number; title: string; type: string } {
  if (!(code in ADMIN_PROBLEMS)) return problemKind(code as ProblemCode);
  const [status, title] = ADMIN_PROBLEMS[code as keyof typeof ADMIN_PROBLEMS];
  return { status, title, type: `urn:headgate:problem:${code}` };
}

/** A request that the admin API refuses; `detail` tells its sender what to change. */
export class AdminProblem extends Error {
  override readonly name = "AdminProblem";
  readonly code: AdminProblemCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: AdminProblemCode, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.code = code;
    this.headers = headers;
  }

  get status(): number {
    return kindOf(this.code).status;
  }

  /** The body as RFC 9457 has it. */
  get body(): string {
    const { status, title, type } = kindOf(this.code);
    return JSON.stringify({ type, title, status, code: this.code, detail: this.message });
  }
}

import { PROBLEM_JSON } from "@headgate/http";
import type { AdminProblem } from "./problem.ts";

/** A response of the admin listener as a value. */
export interface AdminReply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** JSON, indented: it is read by people with curl at least as often as by programs. */
export function json(value: unknown, status = 200): AdminReply {
  return { status, type: "application/json", body: `${JSON.stringify(value, null, 2)}\n` };
}

/** Nothing to tell but that it worked. */
export const noContent: AdminReply = { status: 204, type: "", body: "" };

export function problemReply({ status, body, headers }: AdminProblem): AdminReply {
  return { status, type: PROBLEM_JSON, body: `${body}\n`, headers };
}

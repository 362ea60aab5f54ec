import type { z } from "zod";
import { AdminProblem } from "./problem.ts";

/**
 * A request's body as `schema` has it.
 * @param example a body that would be right, for the person who sent a wrong one
 */
export function parseInput<T>(schema: z.ZodType<T>, body: unknown, example: string): T {
  if (body === undefined) throw new AdminProblem("invalid-input", `A JSON body is needed, such as ${example}.`);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join(".")}: ${message}` : message,
  );
  throw new AdminProblem("invalid-input", `${issues.join("; ")}. Expected something like ${example}.`);
}

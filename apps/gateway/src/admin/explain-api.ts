import { z } from "zod";
import type { ControlPlane, PoolStatus } from "../control/control-plane.ts";
import type { Explanation, Question } from "../explain/explanation.ts";
import { parseInput } from "./input.ts";
import { json } from "./reply.ts";
import type { AdminRoute } from "./router.ts";

export interface ExplainApiParts {
  readonly control: ControlPlane;
  /** What would happen to a request at the pools as they are; throws `UserError` for one that nobody could send. */
  readonly explain: (question: Question, pools: readonly PoolStatus[]) => Promise<Explanation>;
}

const text = z.string({ error: "expected text" });

const QUESTION = z.strictObject({
  method: text,
  url: text,
  headers: z
    .record(z.string(), z.union([text, z.array(text)], { error: "expected text, or a list of texts" }), {
      error: "expected an object with a value, or a list of values, for each name",
    })
    .default({}),
  client: z.union([z.ipv4(), z.ipv6()], { error: "expected an IP address" }).default("127.0.0.1"),
});

const EXAMPLE = '{"method": "GET", "url": "https://localhost:8443/test", "headers": {"X-API-Key": "test-api-key-123"}}';

/** The part of the API that says what would happen to a request. */
export function explainRoutes({ control, explain }: ExplainApiParts): readonly AdminRoute[] {
  return [
    [
      "POST",
      "/api/explain",
      async ({ body }) => {
        const { headers, ...question } = parseInput(QUESTION, body, EXAMPLE);
        const fields = Object.entries(headers).flatMap(([name, values]) =>
          [values].flat().flatMap((value) => [name, value]),
        );
        return json(await explain({ ...question, headers: fields }, control.pools()));
      },
    ],
  ];
}

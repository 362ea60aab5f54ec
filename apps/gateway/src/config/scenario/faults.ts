import { z } from "zod";
import { duration, factor, flag, share } from "../schema/fields.ts";

const time = {
  from: duration({ min: 0 })
    .optional()
    .describe("When it begins, counted from the start of the load. Without it: before the first health checks."),
  to: duration().optional().describe("When it ends. Without it: not at all."),
  every: duration().optional().describe("It comes again so long after each beginning. Without it: once."),
};

const kinds = [
  z.strictObject({ kind: z.literal("down"), ...time }),
  z.strictObject({ kind: z.literal("stall"), ...time }),
  z.strictObject({
    kind: z.literal("slow"),
    factor: factor(0.001, 1_000_000).describe("How many times as long it takes."),
    ...time,
  }),
  z.strictObject({
    kind: z.literal("errors"),
    share: share().prefault("100%").describe("Share of its answers."),
    status: z
      .int({ error: "a status from 400 to 599" })
      .min(400, "a status from 400 to 599")
      .max(599, "a status from 400 to 599")
      .prefault(500)
      .describe("Their status."),
    after: duration({ min: 0 }).optional().describe("What an error takes. Without it: as long as a good answer."),
    checks: flag().prefault(false).describe("Whether health checks fail with the same share."),
    ...time,
  }),
] as const;

export const fault = z
  .discriminatedUnion("kind", kinds, { error: "an object with kind: down, stall, slow or errors" })
  .superRefine(({ from, to, every }, { addIssue }) => {
    if (to !== undefined && from !== undefined && to <= from)
      addIssue({ code: "custom", path: ["to"], message: "a time after from" });
    if (every === undefined) return;
    if (from === undefined || to === undefined)
      addIssue({ code: "custom", path: ["every"], message: "nothing without from and to" });
    else if (every < to - from)
      addIssue({ code: "custom", path: ["every"], message: "a time no shorter than that between from and to" });
  })
  .describe(
    "What is wrong with it, and when: `down` refuses connections, `stall` accepts and answers nothing, `slow` takes longer, `errors` answers with errors.",
  );

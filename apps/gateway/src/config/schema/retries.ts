import { z } from "zod";
import { nearest } from "../nearest.ts";
import { count, duration, factor, flag, share, size } from "./fields.ts";
import { parseStatuses } from "./statuses.ts";

const FAILURES = ["refused", "connect-timeout", "tls", "unreachable", "head-timeout", "reset", "bad-response"] as const;

const ON = `${FAILURES.join(", ")}, or a status such as 503, 502-504 or 5xx`;

const reason = z
  .union([z.enum(FAILURES), z.int(), z.string()], { error: ON })
  .superRefine((written, { addIssue }) => {
    if (isFailure(written)) return;
    const [from] = parseStatuses(written) ?? [];
    if (from === undefined)
      addIssue({ code: "custom", message: ON, params: { nearest: nearest(String(written), FAILURES) } });
    else if (from < 400) addIssue({ code: "custom", message: "a failure, or a status from 400 on" });
  })
  .meta({ unit: "failure or status" });

/** A kind of failure, as opposed to a status. */
export const isFailure = (written: string | number): written is (typeof FAILURES)[number] =>
  FAILURES.some((failure) => failure === written);

const attempts = () => count(0, 10);

const inFull = z.strictObject({
  count: attempts().prefault(2).describe("Further attempts after the first."),
  on: z
    .array(reason, { error: `a list of ${ON}` })
    .prefault([])
    .describe(
      `Statuses that are tried again, such as \`503\` or \`5xx\`: none by default. Failures (${FAILURES.join(", ")}) may be listed too: then they are the only ones, else it is all but bad-response.`,
    ),
  budget: share()
    .prefault("20%")
    .describe("Share of the last ten seconds' requests that retries and hedges together may add to them."),
  reserve: factor(0, 10_000)
    .prefault(10)
    .describe("Retries a second that are always allowed, so that a quiet pool can fail over."),
  hold: size({ max: 16 * 1024 ** 2 })
    .prefault("64KiB")
    .describe(
      "An answer whose Content-Length is within this is held back until it is here whole: one that breaks off before can be tried again. Others are sent on as they come, and with 0 all are.",
    ),
  holdTime: duration().prefault("250ms").describe("How long it is held back at most."),
});

/** What a bare number of retries stands for, but for that number. */
export const PLAIN_RETRIES: z.output<typeof inFull> = inFull.parse({});

export const retries = z
  .union([attempts(), inFull], { error: "a whole number from 0 to 10, or an object such as { count: 2, on: [503] }" })
  .prefault(2)
  .describe(
    "Further attempts after the first, for idempotent methods and for requests of which no byte reached a backend. A number, or an object.",
  );

export const hedging = flag()
  .prefault(false)
  .describe(
    "Sends an idempotent request that takes longer than 95 % do to a second backend as well, within the retry budget; the slower one is cancelled.",
  );

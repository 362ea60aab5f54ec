import { UserError } from "../errors.ts";
import type { Answer, Ask } from "./messages.ts";
import type { WorkerSlot } from "./worker-slot.ts";

/** Has one worker answer; where it ends meanwhile, another. Null where none is up; throws what the worker refused, `UserError`. */
export async function askOne(slots: readonly WorkerSlot[], ask: Ask): Promise<Answer | null> {
  for (const slot of slots.filter(({ isServing }) => isServing)) {
    const answer = await slot.ask(ask).catch(() => null);
    if (answer?.kind === "refused") throw new UserError(answer.message);
    if (answer?.kind === "failed") throw new Error(answer.message);
    if (answer !== null) return answer;
  }
  return null;
}

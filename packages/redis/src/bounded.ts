import { RedisFailure } from "./failure.ts";
import type { Command, Schedule, Sender } from "./port.ts";

/** Sends a command and waits no longer than `timeout` ms for its reply, which is then let go. */
export function sendBounded(sender: Sender, command: Command, timeout: number, schedule: Schedule): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new RedisFailure("timeout", `Redis did not answer within ${timeout} ms`));
    let cancel = schedule(() => {
      // Once more round: where this process was the slow one, the answer is here already and only has to be read.
      cancel = schedule(late, 0);
    }, timeout);
    sender.send(command).then(
      (reply) => {
        cancel();
        resolve(reply);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}

import { setTimeout as sleep } from "node:timers/promises";
import { probe } from "./probe.ts";
import type { Running } from "./processes.ts";
import type { Scenario } from "./scenarios.ts";

const START_MS = 15_000;

/** Waits until something answers 200. Throws with the end of its log where that does not come about. */
export async function waitUntilReady(running: Running, port: number, { tls }: Pick<Scenario, "tls">): Promise<void> {
  const plain = { path: "/p/1k", tls, upload: 0 };
  let seen = "";
  for (let waited = 0; waited < START_MS; waited += 100) {
    if (running.child.exitCode !== null) break;
    try {
      const { status } = await probe(port, plain);
      if (status === 200) return;
      seen = `status ${status}`;
    } catch (error) {
      seen = (error as Error).message;
    }
    await sleep(100);
  }
  throw new Error(`it does not answer on port ${port} (${seen || "it has ended"}) ${running.log()}`.trim());
}

/** Throws unless the answers are what the scenario is about: whole, and from the cache where it is about that. */
export async function verifyAnswers(port: number, scenario: Scenario): Promise<void> {
  if (scenario.drive === "websocket") return;
  const answers = [];
  for (let i = 0; i < 3; i += 1) answers.push(await probe(port, scenario));
  for (const { status, length } of answers) {
    if (status === 200 && length === scenario.length) continue;
    throw new Error(`it answers ${scenario.path} with ${status} and ${length} bytes, not 200 and ${scenario.length}`);
  }
  const [, second, third] = answers;
  if (scenario.cached && (second?.originRequest === undefined || second.originRequest !== third?.originRequest)) {
    throw new Error(`it asks the origin again for ${scenario.path}, which is fresh for an hour: no cache hit`);
  }
}

import type { WorkerStatus } from "../../src/cluster/worker-status.ts";
import type { RunningGateway } from "./gateway.ts";
import { ask, askJson } from "./http-client.ts";
import { logLines } from "./log.ts";
import { eventually } from "./raw-client.ts";

export type { WorkerStatus };

/** The data-plane processes of a gateway. */
export async function readWorkers({ admin }: RunningGateway): Promise<readonly WorkerStatus[]> {
  const { json } = await askJson(`${admin}/api/workers`);
  return json as WorkerStatus[];
}

/** Waits until all serve. */
export async function allRun(gateway: RunningGateway): Promise<readonly WorkerStatus[]> {
  let workers: readonly WorkerStatus[] = [];
  const run = async (): Promise<boolean> => {
    workers = await readWorkers(gateway);
    return workers.every(({ state }) => state === "running");
  };
  await eventually(run, "all workers run", 20_000);
  return workers;
}

export function isAlive(pid: number | null): boolean {
  try {
    return pid !== null && process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Which worker served each request, by its id, as the access log tells. */
export function servedBy(gateway: RunningGateway): ReadonlyMap<string, number> {
  const exchanges = logLines(gateway).filter((line) => line.includes('"msg":"exchange"'));
  return new Map(
    exchanges.map((line) => JSON.parse(line) as { id: string; worker: number }).map(({ id, worker }) => [id, worker]),
  );
}

/** The sum of a metric's series whose labels contain these words. */
export async function metric({ admin }: RunningGateway, name: string, ...words: readonly string[]): Promise<number> {
  const { text } = await ask(`${admin}/metrics`);
  const series = text.split("\n").filter((line) => line.startsWith(name) && words.every((word) => line.includes(word)));
  return series.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

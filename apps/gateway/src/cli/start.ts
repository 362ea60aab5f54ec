import cluster from "node:cluster";
import { randomBytes, randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { type LoadedConfig, type LoadOptions, loadConfig } from "../config/load.ts";
import { LineWriter } from "../observability/line-writer.ts";
import type { Logger } from "../observability/log.ts";
import { shownUrls } from "./addresses.ts";
import { cacheHeap, tellCacheHeap } from "./cache-heap.ts";
import { createOwnDataPlane } from "./data-plane.ts";
import { tuneEngine } from "./engine.ts";
import { type Gateway, type GatewayParts, openGateway } from "./gateway.ts";
import { LogRelay, showTable } from "./live-table.ts";
import { openLog } from "./open-log.ts";
import type { StartOptions } from "./options.ts";
import { hearParent, tellParent } from "./parent.ts";
import { awaitStop } from "./stop-request.ts";
import { tryNext } from "./table-hints.ts";
import { time } from "./time.ts";

/**
 * `headgate start`: the composition root, where clock, timers, chance, environment and process are read. Runs until it is
 * told to stop, then ends the process: with 0 in order, 1 after an exception that nothing caught, 143 or 130 on a second
 * SIGTERM or SIGINT. Throws `UserError` where it cannot start, with nothing left open.
 */
export async function start({ config, debug, workers }: StartOptions): Promise<void> {
  tuneEngine();
  surviveClosedPipes();
  if (cluster.isWorker) return work();
  const load: LoadOptions = { cwd: process.cwd(), env: process.env, config, workers, now: Date.now };
  const loaded = await loadConfig(load);
  const { stdout } = process;
  const writer = new LineWriter(stdout.fd);
  const relay = new LogRelay(writer);
  const reader = { destination: relay, terminal: stdout.isTTY, colour: stdout.isTTY && stdout.hasColors() };
  const { logger, accessLog, destination } = openLog(loaded.snapshot, debug, reader);
  const stop = awaitStop(process, time.clock.tick, logger, process.exit);
  for (const warning of loaded.warnings) logger.warn(warning);
  const { cache } = loaded.snapshot;
  if (cache.entries > 0) tellCacheHeap(cache.memory, cacheHeap() * processesFor(loaded), (text) => logger.info(text));
  if (process.connected) hearParent(process, logger);
  const secret = randomBytes(32).toString("hex");
  // Under load the lines of exchanges would scroll everything else out of a terminal that shows the table.
  const table = debug && stdout.isTTY;
  const createDataPlane = await dataPlaneFor(loaded);
  const common = { loaded, load, time, newId: randomUUID, secret, version, logger, destination, debug };
  const parts = { ...common, createDataPlane, accessLog: table ? null : accessLog };
  const gateway = await openGateway(parts).catch((error: unknown) => {
    stop.off();
    throw error;
  });
  await present(gateway, loaded, debug, { writer, relay, logger });
  const { reason, exitCode } = await stop.asked;
  const ended = await gateway.stop(reason).then(
    () => exitCode,
    (err: unknown) => {
      logger.fatal({ err, where: "stop" }, "bug in headgate: please report it");
      return 1;
    },
  );
  await writer.close();
  process.exit(ended);
}

const { version } = createRequire(import.meta.url)("../../package.json") as { readonly version: string };

/** How many processes carry requests. */
function processesFor({ snapshot }: LoadedConfig): number {
  return snapshot.workers === "auto" ? availableParallelism() : snapshot.workers;
}

/** Workers cost nothing where there are none: their part is loaded only where it is asked for. */
async function dataPlaneFor(loaded: LoadedConfig): Promise<GatewayParts["createDataPlane"]> {
  const count = processesFor(loaded);
  if (count === 1) return createOwnDataPlane;
  const { createCrewDataPlane } = await import("./crew-data-plane.ts");
  return createCrewDataPlane(count);
}

async function work(): Promise<void> {
  const worker = await import("./work.ts");
  worker.work();
}

/** A reader of the output that goes away ends nothing. */
function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
}

interface Output {
  readonly writer: LineWriter;
  readonly relay: LogRelay;
  readonly logger: Logger;
}

/** Says that the gateway is ready, where, and what to try: in the log, in a terminal, and to a parent process that waits. */
async function present(gateway: Gateway, loaded: LoadedConfig, debug: boolean, output: Output): Promise<void> {
  const { writer, relay, logger } = output;
  const { stdout } = process;
  const urls = shownUrls(gateway.bound);
  const admin = gateway.adminUrl === null ? "" : `, admin on ${gateway.adminUrl}`;
  logger.info({ config: loaded.source ?? "built-in defaults" }, `headgate is ready on ${urls.join(" and ")}${admin}`);
  tellParent(process, urls, gateway.adminUrl);
  if (!stdout.isTTY) return;
  const hints = tryNext(loaded.snapshot, urls);
  if (!debug) {
    for (const hint of hints) logger.info(`try: ${hint}`);
    return;
  }
  // Lines that are still being written would end up inside the table.
  await writer.close();
  const screen = showTable({ gateway, hints, terminal: stdout, relay, tick: time.clock.tick });
  process.once("exit", () => screen.stop());
}

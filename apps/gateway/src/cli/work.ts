import { randomUUID } from "node:crypto";
import type { ToPrimary, ToWorker } from "../cluster/messages.ts";
import { Worker } from "../cluster/worker.ts";
import { watchBugs } from "../control/bugs.ts";
import { shareThroughRedis } from "../control/shared-tier.ts";
import { LARGEST_WHOLE, LineWriter } from "../observability/line-writer.ts";
import { BackendConnections } from "../upstream/send-pass.ts";
import { cacheHeap } from "./cache-heap.ts";
import { type OpenLog, openLog } from "./open-log.ts";
import { time } from "./time.ts";

/**
 * A data-plane process of `headgate start` with several workers: the composition root there. What it does is up to the
 * primary, which tells it by messages; without the primary the process ends.
 */
export function work(): void {
  // A Ctrl-C, or a service manager, reaches all processes; in what order they stop is the primary's to say.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => undefined);
  let worker: Worker | null = null;
  process.on("message", (message: ToWorker) => {
    if (message.type !== "start") return worker?.hear(message);
    worker = begin(message, () => {
      const { grace } = message.config.shutdown;
      // What runs may finish; before there is a worker nothing does.
      if (worker === null) end(1);
      else worker.hear({ type: "stop", grace });
    });
  });
}

/** A channel that is closed has no one at its other end: the process is about to end. */
function send(message: ToPrimary, sent: () => void = () => undefined): void {
  process.send?.(message, sent);
}

/** @param broken called after an exception that nothing owns: state may be half changed */
function begin(start: Extract<ToWorker, { type: "start" }>, broken: () => void): Worker {
  const { config, tls, setup } = start;
  const { logger, accessLog } = logs(start);
  let exitCode = 0;
  watchBugs(process, logger, () => {
    exitCode = 1;
    broken();
  });
  return new Worker({
    start,
    send: (message) => {
      if (message.type === "stopped") send(message, () => end(exitCode));
      else send(message);
    },
    time,
    newId: randomUUID,
    soon: (task) => void setImmediate(task),
    memory: () => process.memoryUsage.rss(),
    cacheHeap: cacheHeap(),
    logger,
    accessLog: setup.accessLog ? accessLog : null,
    connect: (id, url, options) => new BackendConnections(id, url, options),
    share: shareThroughRedis({ config, tls: tls.redis, time, id: randomUUID(), logger }),
  });
}

let writer: LineWriter | null = null;

/** Lines of exchanges go out from here, the few others by the primary, whose log they are part of. */
function logs({ config, setup }: Extract<ToWorker, { type: "start" }>): Omit<OpenLog, "destination"> {
  const { stdout } = process;
  const fields = { worker: setup.worker };
  writer = new LineWriter(stdout.fd, LARGEST_WHOLE);
  const reader = { destination: writer, terminal: stdout.isTTY, colour: stdout.isTTY && stdout.hasColors() };
  const { accessLog } = openLog(config, setup.debug, reader, fields);
  const toPrimary = { write: (line: string) => send({ type: "log", line }) };
  const { logger } = openLog(config, setup.debug, { destination: toPrimary, terminal: false, colour: false });
  return { logger: logger.child(fields), accessLog };
}

/** When all lines are written and all messages are out. */
function end(code: number): void {
  void Promise.resolve(writer?.close()).then(() => {
    setImmediate(() => process.exit(code));
  });
}

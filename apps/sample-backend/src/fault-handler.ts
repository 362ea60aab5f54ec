import { setTimeout as wait } from "node:timers/promises";
import { parseFaults } from "./faults.ts";
import type { Handler } from "./handler.ts";

/** Answers 400 where a fault's parameter is wrong; else leaves the faults for those that follow. */
export const readFaults: Handler = (request, response, next) => {
  const outcome = parseFaults(request.query);
  if (outcome.kind === "invalid") {
    response.status(400).json({ port: request.socket.localPort, error: "invalid fault", problems: outcome.problems });
    return;
  }
  response.locals.faults = outcome.faults;
  next();
};

/** Plays the faults that come before a body: delay, broken head, status, Cache-Control. */
export const playFaults: Handler = async (request, response, next) => {
  const { delay, drop, status, cache } = response.locals.faults;
  if (delay !== undefined) {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    await wait(delay, undefined, { signal: gone.signal }).catch(() => undefined);
    if (gone.signal.aborted) return;
  }
  if (drop === "head") {
    request.socket.destroySoon();
    return;
  }
  if (status !== undefined) response.status(status);
  if (cache !== undefined) response.set("Cache-Control", cache);
  next();
};

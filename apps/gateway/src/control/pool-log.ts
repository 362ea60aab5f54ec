import type { Logger } from "../observability/log.ts";
import type { PoolEvent, PoolEventSink } from "./pool-event.ts";

/** Logs what happens to backends: trouble as warnings. */
export function poolLog(logger: Logger): PoolEventSink {
  return (event) => {
    const { kind, ...fields } = event;
    const level = isTrouble(event) ? "warn" : "info";
    logger[level](fields, MESSAGES[kind]);
  };
}

const MESSAGES: Readonly<Record<PoolEvent["kind"], string>> = {
  state: "backend health",
  ejected: "backend ejected",
  readmitted: "backend taken back",
  joined: "backend joined",
  left: "backend left",
};

function isTrouble(event: PoolEvent): boolean {
  return event.kind === "ejected" || (event.kind === "state" && event.to === "UNREACHABLE");
}

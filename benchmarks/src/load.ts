import { fileURLToPath } from "node:url";
import type { Command, Processes } from "./processes.ts";
import { REQUEST_FIELDS } from "./request-fields.ts";
import type { Scenario } from "./scenarios.ts";
import { parseWrk } from "./wrk.ts";

/** What a load generator saw. Latencies in ms. */
export interface Load {
  /** Requests, or messages, that were answered. */
  readonly requests: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Answers other than 2xx and 3xx, broken connections, time-outs. */
  readonly errors: number;
}

export interface LoadOrder {
  readonly scenario: Scenario;
  /** Where the proxy listens on 127.0.0.1. */
  readonly port: number;
  /** Whole seconds. */
  readonly seconds: number;
  /** Requests a second, in a scenario with an open load; null: as many as possible. */
  readonly rate: number | null;
}

const CONNECTIONS = 64;
const fileHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

function wrkCommand({ scenario, port, seconds }: LoadOrder): Command {
  const url = `${scenario.tls ? "https" : "http"}://127.0.0.1:${port}${scenario.path}`;
  const fields = [...Object.entries(REQUEST_FIELDS), ...(scenario.close ? [["Connection", "close"]] : [])];
  const script = scenario.upload > 0 ? ["-s", fileHere("../peers/post10k.lua")] : [];
  const flags = ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, "--latency", "--timeout", "10s", ...script];
  return { file: "wrk", args: [...flags, ...fields.flatMap(([name, value]) => ["-H", `${name}: ${value}`]), url] };
}

/** A client of our own, in a process of its own: it takes its orders as JSON and prints a `Load`. */
export function clientCommand(name: "websocket" | "open-load" | "idle", orders: object): Command {
  return { file: process.execPath, args: [fileHere(`clients/${name}.ts`), JSON.stringify(orders)] };
}

/** Puts a load on a proxy, from the CPU that is not the proxy's. Rejects where the generator fails. */
export async function putLoad(processes: Processes, order: LoadOrder): Promise<Load> {
  const { scenario, port, seconds, rate } = order;
  const common = { port, path: scenario.path, seconds, connections: CONNECTIONS };
  if (scenario.drive === "websocket") return JSON.parse(await processes.run(clientCommand("websocket", common)));
  if (scenario.drive === "open")
    return JSON.parse(await processes.run(clientCommand("open-load", { ...common, rate })));
  return parseWrk(await processes.run(wrkCommand(order)));
}

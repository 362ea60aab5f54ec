import { EventEmitter } from "node:events";
import { watchBugs } from "../src/control/bugs.ts";
import type { GatewayState } from "../src/control/gateway-state.ts";
import { adminPlace, listenError, listenerPlaces } from "../src/control/listen-error.ts";
import { poolLog } from "../src/control/pool-log.ts";
import { shutDown } from "../src/control/shutdown.ts";
import { createLogger } from "../src/observability/log.ts";
import { Bench, snapshot, withBackends } from "./control-support.ts";

function capture() {
  const lines: Record<string, unknown>[] = [];
  return { lines, logger: createLogger({ destination: { write: (line) => lines.push(JSON.parse(line)) } }) };
}

describe("shutDown", () => {
  async function stop(brokenOff: number) {
    const { scheduler, clock } = new Bench();
    const { lines, logger } = capture();
    const steps: string[] = [];
    const state: GatewayState = { phase: "running", config: withBackends(), reloadError: null };
    const step = (name: string) => async (): Promise<void> => void steps.push(name);
    const closeRuntime = async (grace: number): Promise<number> => {
      steps.push(`runtime ${grace} while ${state.phase}`);
      scheduler.advance(1234);
      return brokenOff;
    };
    const closers = { closeWatch: step("watch"), closePools: step("pools"), closeAdmin: step("admin"), closeRuntime };
    await shutDown({ state, clock, logger, ...closers }, "SIGTERM");
    return { steps, lines };
  }

  test("is unready first, ends exchanges before what serves them, and the admin listener last", async () => {
    const { steps, lines } = await stop(0);
    expect(steps).toEqual(["watch", "runtime 10000 while stopping", "pools", "admin"]);
    expect(lines[0]).toMatchObject({ level: "info", reason: "SIGTERM" });
    expect(lines.at(-1)).toMatchObject({ level: "info", msg: "stopped", took: 1234 });
  });

  test("tells of exchanges that were broken off", async () => {
    const { lines } = await stop(3);
    expect(lines.at(-1)).toMatchObject({ level: "warn", brokenOff: 3 });
  });
});

describe("errors that nobody caught", () => {
  function bench() {
    const source = new EventEmitter();
    const { lines, logger } = capture();
    let ended = 0;
    watchBugs(source, logger, () => ended++);
    return { source, lines, ended: () => ended };
  }

  test("a rejection is told with its stack, and the gateway goes on", () => {
    const { source, lines, ended } = bench();
    source.emit("unhandledRejection", new TypeError("oops"));
    expect(lines).toMatchObject([{ level: "error", err: { type: "TypeError", message: "oops" } }]);
    expect(JSON.stringify(lines[0])).toContain("control-stop.test.ts");
    expect(ended()).toBe(0);
  });

  test("an exception ends the gateway in order, whatever was thrown", () => {
    const { source, lines, ended } = bench();
    source.emit("uncaughtException", "text");
    expect(lines).toMatchObject([{ level: "fatal", err: { message: "not an error was thrown: text" } }]);
    expect(ended()).toBe(1);
  });
});

describe("an address that cannot be listened on", () => {
  const config = snapshot({ listeners: [{ port: 8080 }, { port: 443, host: ["10.0.0.1", "gate.internal"] }] });
  const places = listenerPlaces(config);
  const system = (fields: object): Error => Object.assign(new Error("listen EFOO: foo"), fields);

  test.each([
    [
      { code: "EADDRINUSE", port: 443, address: "10.0.0.1" },
      "Port 443 is in use by another program (10.0.0.1). Stop that one, or set listeners[1].port",
    ],
    [
      { code: "EADDRINUSE", port: 8080, address: "::" },
      "Port 8080 is in use by another program (::). Stop that one, or set listeners[0].port",
    ],
    [
      { code: "EACCES", port: 443, address: "10.0.0.1" },
      "Port 443 needs more rights than this user has. Set listeners[1].port",
    ],
    [
      { code: "EADDRNOTAVAIL", port: 443, address: "10.0.0.1" },
      "10.0.0.1 is no address of this machine (port 443). Set listeners[1].host",
    ],
    [
      { code: "ENOTFOUND", hostname: "gate.internal" },
      "The host name gate.internal is not known. Set listeners[1].host",
    ],
    [{ code: "EFOO", port: 8080 }, "Listening on port 8080 failed: listen EFOO: foo. See listeners[0]"],
  ])("%j", (fields, message) => {
    expect(listenError(system(fields), places).message).toContain(message);
  });

  test("names the admin listener by its key", () => {
    const error = system({ code: "EADDRINUSE", port: 9901, address: "127.0.0.1" });
    expect(listenError(error, adminPlace({ host: "127.0.0.1", port: 9901 })).message).toContain("admin.port");
  });

  test("takes what is no error at all", () => {
    expect(listenError("odd", places).message).toBe("Listening failed: odd.");
  });
});

test("the log tells trouble of backends as warnings", () => {
  const { lines, logger } = capture();
  const log = poolLog(logger);
  const at = { pool: "default", backend: "10.0.0.1:80" };
  log({ ...at, kind: "state", from: "HEALTHY", to: "UNREACHABLE", reason: "status 503 (3 in a row)" });
  log({ ...at, kind: "state", from: "UNREACHABLE", to: "HEALTHY", reason: "status 200" });
  log({ ...at, kind: "ejected", reason: "consecutive-faults" });
  log({ ...at, kind: "readmitted" });
  log({ ...at, kind: "left", by: "lease" });
  expect(lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual([
    "warn backend health",
    "info backend health",
    "warn backend ejected",
    "info backend taken back",
    "info backend left",
  ]);
  expect(lines[0]).toMatchObject({ ...at, from: "HEALTHY", to: "UNREACHABLE", reason: "status 503 (3 in a row)" });
});

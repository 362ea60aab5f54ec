import { EventEmitter, once } from "node:events";
import { createServer, get } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { PassThrough } from "node:stream";
import { shownUrls } from "../src/cli/addresses.ts";
import type { Gateway } from "../src/cli/gateway.ts";
import { LogRelay, showTable } from "../src/cli/live-table.ts";
import { openAdmin } from "../src/cli/open-admin.ts";
import { openLog } from "../src/cli/open-log.ts";
import { awaitStop } from "../src/cli/stop-request.ts";
import { GatewayControl } from "../src/control/gateway-control.ts";
import { LiveStats } from "../src/observability/live-stats.ts";
import type { LogLevel } from "../src/observability/log.ts";
import { Bench, snapshot, withBackends } from "./control-support.ts";

test("addresses are shown once, loopback and all addresses as localhost", () => {
  const at = (address: string, port = 8080, scheme = "http") => ({ scheme, address, port });
  expect(shownUrls([at("127.0.0.1"), at("::1"), at("::", 8443, "https"), at("10.0.0.1"), at("fd00::1", 80)])).toEqual([
    "http://localhost:8080",
    "https://localhost:8443",
    "http://10.0.0.1:8080",
    "http://[fd00::1]:80",
  ]);
});

describe("the log", () => {
  function open(level: LogLevel, { debug = false, terminal = false, access = true } = {}) {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const config = snapshot({ log: { level, access }, auth: { header: "X-Own-Key" } });
    return { lines, ...openLog(config, debug, { destination, terminal, colour: false }) };
  }

  test.each<[LogLevel, boolean, boolean]>([
    ["info", false, false],
    ["info", true, true],
    ["silent", true, true],
    ["trace", true, true],
    ["debug", false, true],
  ])("at %s with --debug %s tells debug lines: %s", (level, debug, told) => {
    const { logger, lines } = open(level, { debug });
    logger.debug("detail");
    expect(lines.length > 0).toBe(told);
  });

  test("has lines of exchanges where the config and the level let them through", () => {
    expect(open("info").accessLog).not.toBeNull();
    expect(open("info", { access: false }).accessLog).toBeNull();
    expect(open("warn").accessLog).toBeNull();
    expect(open("warn", { debug: true }).accessLog).not.toBeNull();
  });

  test("is JSON for programs and text for people, without the field that carries API keys", () => {
    const json = open("info");
    json.logger.info({ headers: { "x-own-key": "abc" } }, "seen");
    expect(JSON.parse(json.lines.join(""))).toMatchObject({ level: "info", msg: "seen" });
    const text = open("info", { terminal: true });
    text.logger.info({ headers: { "x-own-key": "abc" } }, "seen");
    expect(text.lines[0]).toContain("INFO  seen");
    expect([...json.lines, ...text.lines].join("")).not.toContain("abc");
  });
});

describe("what asks the gateway to stop", () => {
  function waiting() {
    const source = new EventEmitter();
    const exits: number[] = [];
    let now = 0;
    const { logger } = openLog(snapshot({ log: { level: "silent" } }), false, {
      destination: { write: () => undefined },
      terminal: false,
      colour: false,
    });
    const stop = awaitStop(
      source,
      () => (now += 1000),
      logger,
      (code) => exits.push(code),
    );
    return { source, exits, stop };
  }

  test("a signal, with 0; a second one ends at once", async () => {
    const { source, exits, stop } = waiting();
    source.emit("SIGINT");
    expect(await stop.asked).toEqual({ reason: "SIGINT", exitCode: 0 });
    source.emit("SIGTERM");
    expect(exits).toEqual([143]);
  });

  test("an exception that nothing caught, with 1", async () => {
    const { source, stop } = waiting();
    source.emit("unhandledRejection", new Error("one piece of work"));
    source.emit("uncaughtException", new Error("anything"));
    expect(await stop.asked).toEqual({ reason: "uncaughtException", exitCode: 1 });
  });

  test("nothing any more once it is off", () => {
    const { source, stop } = waiting();
    stop.off();
    expect(source.listenerCount("SIGTERM") + source.listenerCount("disconnect")).toBe(0);
  });
});

describe("the admin listener", () => {
  test("opens on any free port, answers, and lets go of idle and stuck connections when it closes", async () => {
    const server = createServer((_, response) => response.end("ok"));
    const admin = await openAdmin(server, { host: "127.0.0.1", port: 0 });
    const { port } = server.address() as AddressInfo;
    expect(admin.url).toBe(`http://127.0.0.1:${port}`);
    const [response] = await once(get(admin.url), "response");
    expect(response.statusCode).toBe(200);
    response.resume();
    const stuck = connect(port, "127.0.0.1")
      .on("error", () => undefined)
      .resume();
    stuck.write("GET / HTTP/1.1\r\n");
    await once(stuck, "connect");
    const gone = new Promise((resolve) => stuck.once("close", resolve));
    await admin.close();
    await gone;
    expect(server.listening).toBe(false);
  });

  test("an address in use names the key to change", async () => {
    const first = createServer();
    const { url } = await openAdmin(first, { host: "127.0.0.1", port: 0 });
    const port = Number(new URL(url).port);
    await expect(openAdmin(createServer(), { host: "127.0.0.1", port })).rejects.toThrow(
      `Port ${port} is in use by another program (127.0.0.1). Stop that one, or set admin.port to another port.`,
    );
    await new Promise((resolve) => first.close(resolve));
  });
});

test("the live table stands below the log while the gateway runs", async () => {
  const bench = new Bench();
  const config = withBackends("http://10.0.0.1:8000");
  bench.apply(config);
  await bench.pass(0);
  const stats = new LiveStats(0);
  const gateway: Gateway = {
    bound: [],
    adminUrl: null,
    control: new GatewayControl(bench.registry, { phase: "running", config, reloadError: null }),
    live: () => stats.snapshot(bench.scheduler.now()),
    stop: () => Promise.resolve(),
  };
  const before: string[] = [];
  const relay = new LogRelay({ write: (line) => void before.push(line) });
  relay.write("first\n");
  const terminal = Object.assign(new PassThrough({ encoding: "utf8" }), { columns: 120, rows: 30 });
  const screen = showTable({ gateway, hints: ["curl it"], terminal, relay, tick: bench.scheduler.now });
  relay.write("second\n");
  screen.stop();
  const shown = String(terminal.read());
  expect(before).toEqual(["first\n"]);
  expect(shown).toContain("second");
  expect(shown).toMatch(/http:\/\/10\.0\.0\.1:8000 \| HEALTHY/);
  expect(shown).toContain("Try: curl it");
});

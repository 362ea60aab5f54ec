import { createAccessLog } from "../../src/observability/access-log.ts";
import type { ExchangeRecord } from "../../src/observability/exchange-record.ts";
import { createLogger, type Logger, type LoggerOptions } from "../../src/observability/log.ts";
import { formatLogLine, readableLog } from "../../src/observability/log-line.ts";
import { anAttempt, anExchange } from "./records.ts";

function capture(options: Partial<LoggerOptions> = {}): {
  logger: Logger;
  lines: string[];
  last: () => Record<string, unknown>;
} {
  const lines: string[] = [];
  const logger = createLogger({ destination: { write: (line) => lines.push(line) }, ...options });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? "null") };
}

function accessLine(changes: Partial<ExchangeRecord> = {}): Record<string, unknown> {
  const lines: string[] = [];
  createAccessLog({ write: (line) => lines.push(line) }, { worker: 2 }).record(anExchange(changes));
  expect(lines).toEqual([expect.stringMatching(/^\{[^\n]*\}\n$/)]);
  return JSON.parse(lines[0] ?? "");
}

describe("logger", () => {
  test("writes one JSON object a line with level, ISO time, fields and message", () => {
    const { logger, lines, last } = capture();
    logger.info({ port: 8080 }, "listening");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    expect(last()).toMatchObject({ level: "info", port: 8080, msg: "listening" });
    expect(new Date(String(last().time)).toISOString()).toBe(last().time);
  });

  test("leaves out what is below its level", () => {
    const { logger, lines } = capture({ level: "warn" });
    logger.info("no");
    logger.debug("no");
    logger.warn("yes");
    expect(lines).toHaveLength(1);
  });

  test("a child adds its fields", () => {
    const { logger, last } = capture();
    logger.child({ worker: 2 }).info("started");
    expect(last()).toMatchObject({ worker: 2, msg: "started" });
  });

  test("an error is told with message and stack", () => {
    const { logger, last } = capture();
    logger.error({ err: new TypeError("broken") }, "failed");
    expect(last().err).toMatchObject({
      type: "TypeError",
      message: "broken",
      stack: expect.stringContaining("log.test.ts"),
    });
  });

  test("secrets are censored, as properties and as header fields of any case", () => {
    const { logger, lines } = capture({ secretFields: ["X-My-Key"] });
    const headers = {
      Authorization: "s3cret",
      cookie: "s3cret",
      "x-API-key": "s3cret",
      "X-MY-KEY": "s3cret",
      accept: "*/*",
    };
    logger.info({ headers, key: "s3cret", apiKey: "s3cret", authorization: "s3cret" }, "seen");
    logger.info({ headers: ["Accept", "text/html", "Cookie", "s3cret"] }, "seen");
    logger.info({ headers: "Cookie: s3cret" }, "seen");
    expect(lines.join("")).not.toContain("s3cret");
    expect(lines[0]).toContain('"accept":"*/*"');
    expect(lines[1]).toContain('"headers":{"Accept":"text/html","Cookie":"[redacted]"}');
  });
});

describe("access line", () => {
  test("tells what happened", () => {
    expect(accessLine()).toEqual({
      level: "info",
      time: "2026-01-02T03:04:05.010Z",
      msg: "exchange",
      worker: 2,
      id: "req-1",
      trace: "0af7651916cd43dd8448eb211c80319c",
      client: "127.0.0.1",
      identity: "dev",
      method: "GET",
      scheme: "https",
      host: "localhost:8443",
      path: "/test",
      http: "2.0",
      route: "/",
      pool: "default",
      status: 200,
      outcome: "complete",
      cache: "MISS",
      why: "uri-miss",
      backend: "127.0.0.1:8000",
      attempts: 1,
      requestBytes: 7,
      bodyBytes: 100,
      sentBytes: 100,
      headMs: 6,
      totalMs: 10,
    });
  });

  test("tells every try where the first did not do", () => {
    const refused = anAttempt({ outcome: "refused", headAt: null, status: null, retry: "unsent" });
    expect(accessLine({ attempts: [refused, anAttempt({ backend: "127.0.0.1:8001" })] })).toMatchObject({
      attempts: 2,
      tries: [
        { backend: "127.0.0.1:8000", outcome: "refused", retry: "unsent" },
        { backend: "127.0.0.1:8001", outcome: "ok", status: 200, headMs: 4 },
      ],
    });
  });

  test("leaves out what there was not", () => {
    const changes = {
      headTick: null,
      cache: null,
      cacheDetail: null,
      backend: null,
      attempts: [],
      problem: "no-route",
    };
    const line = accessLine({ ...changes, route: null, pool: null, identity: null });
    for (const name of ["headMs", "cache", "why", "backend", "tries", "route", "pool", "identity"])
      expect(line).not.toHaveProperty(name);
    expect(line).toMatchObject({ attempts: 0, problem: "no-route" });
  });

  test("rounds times to a hundredth of a millisecond", () => {
    expect(accessLine({ startedTick: 0, headTick: 1 / 3, endTick: 2 / 3 })).toMatchObject({
      headMs: 0.33,
      totalMs: 0.67,
    });
  });
});

describe("readable line", () => {
  const time = new Date(2026, 0, 2, 12, 34, 56).toISOString();
  const format = (fields: object): string => formatLogLine(JSON.stringify({ level: "info", time, ...fields }), false);

  test.each([
    [{ msg: "listening", port: 8080 }, "12:34:56 INFO  listening port=8080"],
    [{ level: "warn", msg: "slow", why: "a b", list: [1] }, '12:34:56 WARN  slow why="a b" list=[1]'],
    [{ level: "error", msg: "failed", err: { message: "broken", stack: "at x" } }, "12:34:56 ERROR failed (broken)"],
    [{ msg: "odd", err: "text" }, "12:34:56 INFO  odd"],
    [{}, "12:34:56 INFO  "],
    [{ msg: "no time", time: 5 }, "--:--:-- INFO  no time"],
    [
      {
        msg: "exchange",
        method: "GET",
        host: "localhost:8443",
        path: "/a",
        status: 200,
        totalMs: 3.1,
        cache: "HIT",
        outcome: "complete",
      },
      "12:34:56 INFO  GET localhost:8443/a 200 3.1 ms HIT",
    ],
    [
      {
        ...{ msg: "exchange", method: "GET", host: "h", path: "/a", status: 200, totalMs: 3 },
        ...{ cache: "MISS", why: "private", outcome: "complete" },
      },
      "12:34:56 INFO  GET h/a 200 3 ms MISS (private)",
    ],
    [
      {
        msg: "exchange",
        method: "GET",
        host: "h",
        path: "/a",
        status: 200,
        totalMs: 3,
        backend: "b:1",
        outcome: "client-gone",
      },
      "12:34:56 INFO  GET h/a 200 3 ms b:1 client-gone",
    ],
  ])("%j", (fields, expected) => expect(format(fields)).toBe(expected));

  test("nothing that a client sends steers the terminal", () => {
    const evil = "\u001b[2J\u009b31m\u0007\r\u202eabc";
    const lines = [
      format({ msg: evil, field: evil, err: { message: evil } }),
      format({ msg: "exchange", method: "GET", host: "h", path: evil, status: 1, totalMs: 1, outcome: "complete" }),
      formatLogLine(evil, false),
    ];
    for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  test("a message of several lines is set in", () => {
    expect(format({ msg: "bad config\n12:34:56 INFO  forged" })).toBe(
      "12:34:56 INFO  bad config\n         12:34:56 INFO  forged",
    );
    expect(format({ msg: "x", field: "a\nb" })).toBe('12:34:56 INFO  x field="a\\nb"');
  });

  test("colour only where it is wanted", () => {
    const line = JSON.stringify({ level: "warn", time, msg: "slow" });
    expect(formatLogLine(line, true)).toContain("\u001b[33mWARN \u001b[39m");
    expect(formatLogLine(line, false)).not.toContain("\u001b");
  });

  test("readableLog stands between a logger and a terminal", () => {
    const shown: string[] = [];
    const destination = readableLog({ write: (line) => shown.push(line) }, false);
    createLogger({ destination }).warn({ backend: "b:1" }, "gone");
    expect(shown).toEqual([expect.stringMatching(/^\d\d:\d\d:\d\d WARN {2}gone backend=b:1\n$/)]);
  });
});

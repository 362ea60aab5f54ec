import { stripVTControlCharacters, styleText } from "node:util";
import { ACCESS_MESSAGE } from "./access-log.ts";
import type { LogDestination } from "./log.ts";

type Fields = Record<string, unknown>;
type Style = Parameters<typeof styleText>[0];

const LEVEL_STYLES: Readonly<Record<string, Style>> = { warn: "yellow", error: "red", fatal: ["bold", "red"] };

function localTime(time: unknown): string {
  const date = new Date(typeof time === "string" ? time : Number.NaN);
  return Number.isNaN(date.getTime()) ? "--:--:--" : date.toTimeString().slice(0, 8);
}

/** Text that clients or backends may have chosen must not steer the terminal. */
function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cf}]/gu, "�");
}

/** The gateway's own messages may have several lines; those after the first are set in, so that none passes for a log line. */
function lines(text: string): string {
  return text.split("\n").map(plain).join("\n         ");
}

function show(value: unknown): string {
  if (typeof value === "string") return /^[^\s"=]+$/.test(value) ? plain(value) : plain(JSON.stringify(value));
  return plain(JSON.stringify(value) ?? "");
}

function accessText(fields: Fields): string {
  const { method, host, path, status, totalMs, cache, why, backend, problem, outcome } = fields;
  const cached = cache === undefined || why === undefined ? cache : `${cache} (${why})`;
  const parts = [`${method} ${host}${path} ${status} ${totalMs} ms`, cached, backend, problem];
  if (outcome !== "complete") parts.push(outcome);
  return plain(parts.filter((part) => part !== undefined).join(" "));
}

function appText({ msg, err, ...fields }: Fields): string {
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${show(value)}`);
  const reason = typeof err === "object" && err !== null && "message" in err ? [`(${lines(String(err.message))})`] : [];
  return [lines(String(msg ?? "")), ...reason, ...pairs].join(" ");
}

/** One JSON log line as a person reads it: local time, level, message, fields; without the last line feed. */
export function formatLogLine(line: string, colour: boolean): string {
  const paint = (style: Style, text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  let parsed: Fields;
  try {
    parsed = JSON.parse(line);
  } catch {
    return plain(line.trimEnd());
  }
  const { level, time, ...fields } = parsed;
  const name = String(level);
  const text = fields.msg === ACCESS_MESSAGE ? accessText(fields) : appText(fields);
  const label = paint(LEVEL_STYLES[name] ?? "dim", plain(name.toUpperCase()).padEnd(5));
  return `${paint("dim", localTime(time))} ${label} ${text}`;
}

/** Turns JSON log lines into readable ones on their way to a terminal. */
export function readableLog(destination: LogDestination, colour: boolean): LogDestination {
  return { write: (line) => destination.write(`${formatLogLine(line, colour)}\n`) };
}

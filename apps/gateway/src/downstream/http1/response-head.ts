import { STATUS_CODES } from "node:http";
import {
  beginsWith,
  DATED,
  type FieldLines,
  type FieldList,
  formatHttpDate,
  isFieldValue,
  isNamed,
  isToken,
  repeatedLines,
  SIZED,
} from "@headgate/http";
import type { ReplyHead } from "../reply.ts";

/**
 * Field lines as they may be sent (RFC 9110 §5.5, RFC 9112 §5). Beyond 0xff are characters of which only the low octet would be sent,
 * which might end the line. One test of all costs a third of one for each name and value.
 */
const LINES = /^(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+: [\t\x20-\x7e\x80-\xff]*\r\n)*$/;

const statusLines = new Map<number, string>();

function statusLine(status: number): string {
  let line = statusLines.get(status);
  if (line === undefined) {
    line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "unknown"}\r\n`;
    statusLines.set(status, line);
  }
  return line;
}

/** How the content of a response is delimited, beside what its own Content-Length says. */
export type ContentFraming =
  /** There is none, and nothing is said of it. */
  | "none"
  /** By Transfer-Encoding, where no length is told. */
  | "chunked"
  /** By the end of the connection, where no length is told. */
  | "close"
  /** It is here: this many bytes. */
  | number;

/** A head as text, with what of it decides how the content is written. One object serves many heads. */
export class ResponseHead {
  text = "";
  /** Content-Length is told. */
  sized = false;
  #dated = false;
  #date = "";
  #dateOf = -1;
  readonly #now: () => number;
  readonly #keep: string;

  /** @param idle how long a kept connection may be idle, ms: the client is told in Keep-Alive */
  constructor(now: () => number, idle: number) {
    this.#now = now;
    this.#keep = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(idle / 1000)}\r\n`;
  }

  /**
   * Composes a head, one character per octet.
   * @param keep whether the connection is kept; a response that is delimited by its end never keeps it
   * @returns whether it is kept
   * @throws Error where a field would break the line it stands in
   */
  compose(head: ReplyHead, framing: ContentFraming, keep: boolean): boolean {
    const { status } = head;
    let text = statusLine(status) + this.#lines(head);
    let kept = keep;
    if (!this.sized) {
      if (framing === "chunked") text += "Transfer-Encoding: chunked\r\n";
      else if (framing === "close") kept = false;
      else if (framing !== "none") text += `Content-Length: ${framing}\r\n`;
    }
    if (!this.#dated) text += this.#dateLine();
    this.text = `${text}${kept ? this.#keep : "Connection: close\r\n"}\r\n`;
    return kept;
  }

  /** All field lines. Sets what they tell. */
  #lines({ status, fields, repeated }: ReplyHead): string {
    this.sized = false;
    this.#dated = false;
    if (repeated === undefined || status === 204 || !beginsWith(fields, repeated.fields))
      return this.#write(fields, 0, status);
    const { lines, told } = repeatedLines(repeated, this.#writeRepeated);
    const own = this.#write(fields, repeated.fields.length, status);
    this.sized ||= (told & SIZED) !== 0;
    this.#dated ||= (told & DATED) !== 0;
    return lines + own;
  }

  readonly #writeRepeated = (fields: readonly string[]): FieldLines => {
    const lines = this.#write(fields, 0, 200);
    return { lines, told: (this.sized ? SIZED : 0) | (this.#dated ? DATED : 0) };
  };

  /** The lines of those fields that stand at `from` or after it. */
  #write(fields: readonly string[], from: number, status: number): string {
    let lines = "";
    let count = 0;
    for (let i = from; i + 1 < fields.length; i += 2) {
      const name = fields[i] as string;
      const value = fields[i + 1] as string;
      if (isNamed(name, "content-length")) {
        if (status === 204) continue;
        this.sized = true;
      } else if (isNamed(name, "date")) this.#dated = true;
      lines += `${name}: ${value}\r\n`;
      count += 1;
    }
    checkLines(lines, count, fields);
    return lines;
  }

  /** Once a second. */
  #dateLine(): string {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#dateOf) {
      this.#dateOf = second;
      this.#date = `Date: ${formatHttpDate(second * 1000)}\r\n`;
    }
    return this.#date;
  }
}

/** An interim response (RFC 9110 §15.2), one character per octet. */
export function interimHead(status: number, fields: FieldList): string {
  let lines = "";
  for (let i = 0; i + 1 < fields.length; i += 2) lines += `${fields[i]}: ${fields[i + 1]}\r\n`;
  checkLines(lines, fields.length >> 1, fields);
  return `${statusLine(status)}${lines}\r\n`;
}

/** @throws Error where a name or value is none, or would end its line and begin another */
function checkLines(lines: string, count: number, fields: readonly string[]): void {
  if (LINES.test(lines) && countLines(lines) === count) return;
  const broken = fields.findIndex((part, index) => !(index % 2 === 0 ? isToken(part) : isFieldValue(part)));
  const name = JSON.stringify(fields[broken - (broken % 2)]);
  throw new Error(
    `the response field ${name} has no token for a name, or a character in its value that must not be sent`,
  );
}

function countLines(lines: string): number {
  let count = 0;
  for (let at = lines.indexOf("\n"); at >= 0; at = lines.indexOf("\n", at + 1)) count += 1;
  return count;
}

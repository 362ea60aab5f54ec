import * as fc from "fast-check";
import { type FieldList, type ResponseEvents, type ResponseFault, ResponseParser } from "../../src/index.ts";

/** What a parser has told. */
export interface Told {
  interim: [number, FieldList][];
  heads: number;
  status: number;
  fields: FieldList;
  /** One character per octet. */
  body: string;
  ended: boolean;
  trailers: FieldList | null;
  upgraded: FieldList | null;
  fault: string | null;
  reusable: boolean;
  keepAlive: number;
}

class Listener implements ResponseEvents {
  readonly told: Told = {
    ...{ interim: [], heads: 0, status: 0, fields: [], body: "", ended: false, trailers: null, upgraded: null },
    ...{ fault: null, reusable: false, keepAlive: -1 },
  };

  informational(status: number, fields: FieldList): void {
    this.#open();
    this.told.interim.push([status, fields]);
  }

  head(status: number, fields: FieldList): void {
    this.told.ended = false;
    this.#open();
    Object.assign(this.told, { status, fields });
    this.told.heads++;
  }

  data(chunk: Buffer): void {
    this.#open();
    if (chunk.length === 0) throw new Error("an empty chunk");
    this.told.body += chunk.toString("latin1");
  }

  end(trailers: FieldList | null): void {
    this.#open();
    Object.assign(this.told, { ended: true, trailers });
  }

  upgrade(_status: number, fields: FieldList): void {
    this.#open();
    this.told.upgraded = fields;
  }

  malformed({ code }: ResponseFault): void {
    this.#open();
    this.told.fault = code;
  }

  /** Nothing comes after the last event. */
  #open(): void {
    const { ended, fault, upgraded } = this.told;
    if (ended || fault !== null || upgraded !== null) throw new Error("told something after the end");
  }
}

export interface Asked {
  readonly method?: string;
  readonly upgrade?: boolean;
  /** Of the pieces in which the bytes come, over and over; all at once by default. */
  readonly sizes?: readonly number[];
}

/** A parser that expects a response, and what it tells. */
export function tellingOf({ method = "GET", upgrade = false }: Asked = {}): { parser: ResponseParser; told: Told } {
  const listener = new Listener();
  const parser = new ResponseParser(listener);
  parser.expect(method, upgrade);
  return { parser, told: listener.told };
}

/** What these bytes are read as, one character per octet, until the connection ends behind them. */
export function toldOf(bytes: string, asked: Asked = {}): Told {
  const { parser, told } = tellingOf(asked);
  const { sizes = [Math.max(1, bytes.length)] } = asked;
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number;
    const piece = Buffer.from(bytes.slice(at, at + size), "latin1");
    const read = parser.execute(piece);
    // What a parser was given is not its own: it may be overwritten as soon as it returns.
    piece.fill(0x78);
    if (read < piece.length) break;
    at += size;
  }
  told.reusable = parser.reusable;
  told.keepAlive = parser.keepAlive;
  parser.finish();
  return told;
}

const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]{0,12}$/).filter((name) => !isFraming(name));
const value = fc.stringMatching(/^(?:[!-~\xa1-\xff](?:[\t !-~\xa1-\xff]{0,20}[!-~\xa1-\xff])?)?$/);
const fields = fc.array(fc.tuple(token, value), { maxLength: 5 }).map((pairs) => pairs.flat());
const octets = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 60,
});

function isFraming(name: string): boolean {
  return ["connection", "keep-alive", "content-length", "transfer-encoding", "upgrade", "trailer"].includes(
    name.toLowerCase(),
  );
}

function lines(list: FieldList): string {
  let text = "";
  for (let i = 0; i < list.length; i += 2) text += `${list[i]}: ${list[i + 1]}\r\n`;
  return text;
}

/** A response as a server may write it, and what is to be read from it. */
export interface WrittenResponse {
  readonly bytes: string;
  readonly expected: Partial<Told>;
}

type Framing = "length" | "chunked" | "close";

function write(
  status: number,
  list: FieldList,
  framing: Framing,
  parts: string[],
  trailers: FieldList,
): WrittenResponse {
  const body = parts.join("");
  const told = {
    length: ["Content-Length", String(body.length)],
    chunked: ["Transfer-Encoding", "chunked"],
    close: [],
  };
  const all = [...list, ...told[framing]];
  const chunks = parts.filter((part) => part !== "").map((part) => `${part.length.toString(16)}\r\n${part}\r\n`);
  const content = framing === "chunked" ? `${chunks.join("")}0\r\n${lines(trailers)}\r\n` : body;
  const kept = framing === "chunked" && trailers.length > 0 ? trailers : null;
  const expected = { status, fields: all, body, ended: true, trailers: kept, reusable: framing !== "close" };
  return { bytes: `HTTP/1.1 ${status} Said\r\n${lines(all)}\r\n${content}`, expected };
}

export const aResponse: fc.Arbitrary<WrittenResponse> = fc
  .tuple(
    fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304),
    fields,
    fc.constantFrom<Framing>("length", "chunked", "close"),
    fc.array(octets, { maxLength: 4 }),
    fields,
  )
  .map((parts) => write(...parts));

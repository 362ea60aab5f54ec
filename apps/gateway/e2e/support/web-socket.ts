import { createHash } from "node:crypto";
import type { RawReader } from "./raw-reader.ts";

/** Opcodes of RFC 6455 §5.2. */
export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;

export const UPGRADE =
  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/** A whole frame; from a client it is masked (with zeros, so that the content stays as it is). */
export function frame(opcode: number, content: Buffer, from: "client" | "server"): Buffer {
  const mask = from === "client" ? 0x80 : 0;
  const { length } = content;
  let head: Buffer;
  if (length < 126) head = Buffer.from([0x80 | opcode, mask | length]);
  else {
    head = Buffer.alloc(length < 65_536 ? 4 : 10);
    head[0] = 0x80 | opcode;
    head[1] = mask | (length < 65_536 ? 126 : 127);
    head.writeUIntBE(length, length < 65_536 ? 2 : 4, length < 65_536 ? 2 : 6);
  }
  return Buffer.concat([head, Buffer.alloc(mask === 0 ? 0 : 4), content]);
}

/** A close frame with a status. */
export function closeFrame(status: number, from: "client" | "server"): Buffer {
  return frame(CLOSE, Buffer.from([status >> 8, status & 0xff]), from);
}

export interface Frame {
  readonly opcode: number;
  readonly content: Buffer;
}

export async function readFrame(reader: RawReader): Promise<Frame> {
  const read = async (count: number): Promise<Buffer> => Buffer.from(await reader.readBytes(count), "latin1");
  const head = await read(2);
  const [first = 0, second = 0] = head;
  let length = second & 0x7f;
  if (length === 126) length = (await read(2)).readUInt16BE();
  else if (length === 127) length = Number((await read(8)).readBigUInt64BE());
  const mask = (second & 0x80) === 0 ? Buffer.alloc(4) : await read(4);
  const content = await read(length);
  for (let i = 0; i < content.length; i++) content[i] = (content[i] ?? 0) ^ (mask[i & 3] ?? 0);
  return { opcode: first & 0xf, content };
}

/** The status that a close frame tells. */
export function closeStatus({ content }: Frame): number {
  return content.readUInt16BE();
}

/** What a backend answers to an upgrade (RFC 6455 §4.2.2). */
export function acceptUpgrade(head: string, fields = ""): string {
  const key = /^sec-websocket-key: *(.*)\r$/im.exec(head)?.[1] ?? "";
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${fields}\r\n`;
}

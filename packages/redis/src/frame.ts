import { crc32 } from "node:zlib";

/** What a frame holds. */
export const HEAD = 1;
export const BODY = 2;
export type FrameKind = typeof HEAD | typeof BODY;

/** Raised whenever the payload of either kind changes its meaning: values of another version are misses. */
const VERSION = 1;
const MAGIC = 0x4847;
/** Magic (2 bytes), version, kind, length of the payload (4), its CRC-32 (4); big-endian. */
const LENGTH = 12;

/** Puts a payload into a frame that shows, when it is read again, whether it is whole and ours. */
export function frame(kind: FrameKind, payload: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(LENGTH + payload.length);
  framed.writeUInt16BE(MAGIC, 0);
  framed.writeUInt8(VERSION, 2);
  framed.writeUInt8(kind, 3);
  framed.writeUInt32BE(payload.length, 4);
  framed.writeUInt32BE(crc32(payload), 8);
  payload.copy(framed, LENGTH);
  return framed;
}

/** The payload, in memory of its own; undefined where the value is foreign, cut off, changed or of another version. */
export function unframe(kind: FrameKind, value: Buffer): Buffer | undefined {
  if (value.length < LENGTH || value.readUInt16BE(0) !== MAGIC) return undefined;
  if (value.readUInt8(2) !== VERSION || value.readUInt8(3) !== kind) return undefined;
  const payload = value.subarray(LENGTH);
  if (value.readUInt32BE(4) !== payload.length || value.readUInt32BE(8) !== crc32(payload)) return undefined;
  // A slice would keep the whole read buffer of the connection alive.
  const own = Buffer.allocUnsafeSlow(payload.length);
  payload.copy(own);
  return own;
}

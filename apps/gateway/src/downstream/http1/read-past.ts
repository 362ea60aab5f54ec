import type { Socket } from "node:net";
import { ByteReader, type TakeBytes } from "../../byte-reader.ts";

/** How node keeps what `onread` of `net.connect` says, on each of its sockets. */
interface Keys {
  readonly buffer: symbol;
  readonly callback: symbol;
  readonly generator: symbol;
}

/** Null where node does it in another way; undefined until a socket has been seen. */
let keys: Keys | null | undefined;

function keysOf(socket: Socket): Keys | null {
  const symbols = Object.getOwnPropertySymbols(socket);
  const named = (name: string): symbol | undefined => symbols.find(({ description }) => description === name);
  const [buffer, callback, generator] = [named("kBuffer"), named("kBufferCb"), named("kBufferGen")];
  if (buffer === undefined || callback === undefined || generator === undefined) return null;
  return { buffer, callback, generator };
}

/**
 * Has an accepted socket read past its stream, into memory that is used again: a buffer for each read, and its way through the stream,
 * are a tenth of what a hit costs. Node has that as `onread`, for sockets that connect; for those of servers it has no option, so what
 * the option sets is set here. What the socket has read before comes as its `data`, and so does all of it where node keeps `onread` in
 * another way, which costs time and nothing else.
 * @returns whether `take` gets what is read from here on
 */
export function readPast(socket: Socket, take: TakeBytes): boolean {
  const { _handle: handle } = socket as unknown as { readonly _handle?: { useUserBuffer?: (buffer: Buffer) => void } };
  if (handle?.useUserBuffer === undefined) return false;
  if (keys === undefined) keys = keysOf(socket);
  if (keys === null) return false;
  const reader = new ByteReader(take);
  const first = reader.buffer();
  const fields = socket as unknown as Record<symbol, unknown>;
  fields[keys.buffer] = first;
  fields[keys.callback] = reader.callback;
  fields[keys.generator] = reader.buffer;
  handle.useUserBuffer(first);
  return true;
}

import { Socket } from "node:net";

/** Where node keeps what the option `onread` says, of this socket. */
export function onreadOf(socket: Socket): { buffer: unknown; callback: unknown; generator: unknown } {
  const symbols = Object.getOwnPropertySymbols(socket);
  const at = (name: string): unknown =>
    (socket as unknown as Record<symbol, unknown>)[symbols.find((each) => each.description === name) ?? Symbol()];
  return { buffer: at("kBuffer"), callback: at("kBufferCb"), generator: at("kBufferGen") };
}

/** A socket that is connected to nothing, as a server accepts one, and how the system would read into the memory it names. */
export function pastSocket() {
  let buffer: Buffer = Buffer.alloc(0);
  const socket = Object.assign(new Socket(), {
    _handle: {
      useUserBuffer: (given: Buffer): void => {
        buffer = given;
      },
      readStart: () => 0,
      readStop: () => 0,
    },
  });
  const read = (bytes: string | Buffer): void => {
    const { callback, generator } = onreadOf(socket);
    const count = Buffer.from(bytes).copy(buffer);
    (callback as (count: number, buffer: Buffer) => boolean)(count, buffer);
    buffer = (generator as () => Buffer)();
  };
  return { socket, read, buffer: () => buffer };
}

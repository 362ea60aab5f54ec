import { type PassThrough, Writable } from "node:stream";
import { CorkedSockets } from "../../src/downstream/http1/corked-sockets.ts";

/** What the system would be given, one element for each call. */
class RecordingSocket extends Writable {
  readonly calls: string[] = [];
  /** How many calls there were whenever it was told to be uncorked. */
  readonly told: number[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.calls.push(chunk.toString());
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.calls.push(chunks.map(({ chunk }) => chunk.toString()).join("|"));
    done();
  }
}

const asDuplex = (socket: Writable): PassThrough => socket as unknown as PassThrough;

function corkedSockets() {
  const tasks: (() => void)[] = [];
  const corked = new CorkedSockets((task) => tasks.push(task));
  const endTurn = (): void => {
    for (const task of tasks.splice(0)) task();
  };
  const write = (socket: RecordingSocket, text: string): RecordingSocket => {
    corked.add({ socket: asDuplex(socket), uncorked: () => socket.told.push(socket.calls.length) });
    socket.write(text);
    return socket;
  };
  return { tasks, endTurn, write };
}

test("what is written in a turn leaves at its end, a socket's writes in one call", () => {
  const { tasks, write, endTurn } = corkedSockets();
  const first = write(write(new RecordingSocket(), "a"), "b");
  const second = write(new RecordingSocket(), "c");
  expect([first.calls, second.calls]).toEqual([[], []]);
  expect(tasks.length).toBe(1);
  endTurn();
  expect([first.calls, second.calls]).toEqual([["a|b"], ["c"]]);
  expect([first.told, second.told]).toEqual([[1], [1]]);
  write(first, "d");
  expect(first.calls).toEqual(["a|b"]);
  endTurn();
  expect(first.calls).toEqual(["a|b", "d"]);
});

test("the first of a turn are not held up by more than 64", () => {
  const { write, endTurn } = corkedSockets();
  const sockets = Array.from({ length: 200 }, (_, index) => write(new RecordingSocket(), `${index}`));
  expect(sockets.filter(({ calls }) => calls.length > 0).length).toBe(192);
  // What they are told may have another answer composed: not in the midst of this one.
  expect(sockets.filter(({ told }) => told.length > 0)).toEqual([]);
  endTurn();
  expect(sockets.map(({ calls }) => calls)).toEqual(sockets.map((_, index) => [`${index}`]));
  expect(sockets.every(({ told }) => told.length === 1)).toBe(true);
  for (const socket of sockets) expect(socket.writableCorked).toBe(0);
});

test("a socket that is ended has its bytes before its end; one that is destroyed has none, and nothing fails", async () => {
  const { write, endTurn } = corkedSockets();
  const ended = write(new RecordingSocket(), "last");
  ended.end();
  const destroyed = write(new RecordingSocket(), "lost");
  destroyed.destroy();
  endTurn();
  await new Promise((resolve) => ended.once("finish", resolve));
  expect(ended.calls).toEqual(["last"]);
  expect(destroyed.calls).toEqual([]);
});

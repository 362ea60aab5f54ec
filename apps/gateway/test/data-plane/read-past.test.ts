import { Socket } from "node:net";
import { readPast } from "../../src/downstream/http1/read-past.ts";
import { onreadOf, pastSocket } from "./support/past-socket.ts";

test("what it sets is what this version of node reads sockets past their stream by", () => {
  const [buffer, callback] = [() => Buffer.alloc(1), () => true];
  expect(onreadOf(new Socket({ onread: { buffer, callback } }))).toMatchObject({ callback, generator: buffer });
  const { socket, buffer: read } = pastSocket();
  expect(readPast(socket, () => true)).toBe(true);
  const set = onreadOf(socket);
  expect([typeof set.callback, typeof set.generator]).toEqual(["function", "function"]);
  expect(set.buffer).toBe(read());
});

test("bytes come to the taker", () => {
  const { socket, read } = pastSocket();
  const taken: string[] = [];
  readPast(socket, (bytes) => {
    taken.push(bytes.toString());
    return true;
  });
  read("one");
  read("two");
  expect(taken).toEqual(["one", "two"]);
});

test("where the system cannot read into memory of ours it is left as it is", () => {
  const socket = new Socket();
  expect(readPast(socket, () => true)).toBe(false);
  expect(onreadOf(socket).callback).toBeNull();
});

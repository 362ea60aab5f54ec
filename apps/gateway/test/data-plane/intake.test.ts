import { Intake } from "../../src/downstream/http1/intake.ts";
import { pastSocket } from "./support/past-socket.ts";

const MOST = 64 * 1024;

/** An intake of which the taker does what a test says. */
function intakeOf(take: (bytes: Buffer, intake: Intake) => void) {
  const { socket, read, buffer } = pastSocket();
  const intake: Intake = new Intake(socket, (bytes) => take(bytes, intake));
  return { socket, read, buffer, intake };
}

test("what is kept or held stays as it was, whatever is read behind it", () => {
  const kept: Buffer[] = [];
  const { read, intake } = intakeOf((bytes, own) => {
    kept.push(own.keep(bytes.subarray(0, 3)));
    own.hold(bytes.subarray(3));
  });
  read("one1");
  read("two2");
  expect(kept.map(String)).toEqual(["one", "two"]);
  expect(intake.takeHeld()?.toString()).toBe("12");
  expect(intake.takeHeld()).toBeNull();
});

test("a large piece is kept as it is, and its memory not read into again; one that nobody keeps is", () => {
  const kept: Buffer[] = [];
  let keeps = true;
  const { read, buffer } = intakeOf((bytes, own) => {
    if (keeps) kept.push(own.keep(bytes));
  });
  const piece = (octet: number): Buffer => Buffer.alloc(buffer().length, octet);
  read(piece(1));
  const own = buffer();
  read(piece(2));
  expect(kept[1]?.buffer).toBe(own.buffer);
  expect(buffer()).not.toBe(own);
  read(piece(3));
  expect(kept.map((bytes) => [bytes[0], bytes.at(-1)])).toEqual([1, 2, 3].map((octet) => [octet, octet]));
  keeps = false;
  read(piece(4));
  const large = buffer();
  read(piece(5));
  expect(buffer()).toBe(large);
});

test("a client that sends too much ahead is paused until that is taken", () => {
  const { socket, read, intake } = intakeOf((bytes, own) => own.hold(bytes));
  read(Buffer.alloc(MOST - 1));
  expect(socket.isPaused()).toBe(false);
  read("1");
  expect(socket.isPaused()).toBe(true);
  expect(intake.takeHeld()?.length).toBe(MOST);
  expect(socket.isPaused()).toBe(false);
});

test("who takes over gets what is held, and what comes later as the socket's data", () => {
  const taken: string[] = [];
  const { socket, read, intake } = intakeOf((bytes, own) => {
    taken.push(bytes.toString());
    own.hold(bytes);
  });
  read("before");
  expect(intake.leave().toString()).toBe("before");
  expect(socket.isPaused()).toBe(true);
  read("later");
  read("and last");
  expect([String(socket.read()), String(socket.read())]).toEqual(["later", "and last"]);
  expect(taken).toEqual(["before"]);
});

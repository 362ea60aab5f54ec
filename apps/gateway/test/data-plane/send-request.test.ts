import { Duplex } from "node:stream";
import { sendRequest } from "../../src/upstream/client/send-request.ts";
import { WholeBody } from "../../src/upstream/outgoing-body.ts";

/** Takes what is written at once, or only when told to; and says what of it has arrived. */
class Line extends Duplex {
  readonly arrived: Buffer[] = [];
  readonly #lazy: boolean;
  #taken: (() => void)[] = [];

  constructor(lazy: boolean) {
    super();
    this.#lazy = lazy;
  }

  override _read(): void {
    // Nothing is read.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const arrive = (): void => {
      this.arrived.push(Buffer.from(chunk));
      done();
    };
    if (this.#lazy) this.#taken.push(arrive);
    else arrive();
  }

  letGo(): void {
    const taken = this.#taken;
    this.#taken = [];
    for (const arrive of taken) arrive();
  }

  get text(): string {
    return Buffer.concat(this.arrived).toString("latin1");
  }
}

const events = {
  uploaded: () => undefined,
  uploadFailed: (error: Error) => {
    throw error;
  },
};

function send(line: Duplex, head: string, content: string): void {
  expect(sendRequest(line, head, new WholeBody(Buffer.from(content, "latin1")), events)).toBeNull();
}

test.each([0, 1, 1000, 10_000, 16_380, 16_384, 100_000])("head and %i bytes of content arrive as they are", (size) => {
  const line = new Line(false);
  const content = "\u00e9".repeat(size);
  send(line, "POST / HTTP/1.1\r\nx: \u00ff\r\n\r\n", content);
  expect(line.text === `POST / HTTP/1.1\r\nx: \u00ff\r\n\r\n${content}`).toBe(true);
});

test("one piece, where the system takes it at once", () => {
  const line = new Line(false);
  send(line, "head", "content");
  expect(line.arrived.map((piece) => piece.toString("latin1"))).toEqual(["headcontent"]);
});

test("a connection by TLS, which takes nothing at once, has no stage", () => {
  const tls = Object.assign(new Line(true), { encrypted: true });
  const plain = new Line(false);
  send(tls, "first ", "\u00ff");
  send(plain, "second ", "two");
  tls.letGo();
  expect([tls.text, plain.text]).toEqual(["first \u00ff", "second two"]);
});

test("what the system has not taken yet is not written over by the next request, to whichever backend", () => {
  const slow = new Line(true);
  const quick = new Line(false);
  send(slow, "first ", "one");
  send(slow, "second ", "two");
  send(quick, "third ", "three");
  for (let i = 0; i < 4; i += 1) slow.letGo();
  send(quick, "fourth ", "four");
  expect([slow.text, quick.text]).toEqual(["first onesecond two", "third threefourth four"]);
});

import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import type { BodySource } from "../../src/body.ts";
import { SharedBody } from "../../src/shared-body.ts";
import { RecordingSink, ScriptedSource } from "./support/bodies.ts";

type Action =
  | { kind: "push"; size: number }
  | { kind: "join" | "finish" | "break" }
  /** `pipe`: begins to read; `stop`: takes one more chunk; `go`: takes all; `leave`: cancels. */
  | { kind: "pipe" | "stop" | "go" | "leave"; reader: number };

const LARGEST = 5;
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("push"), size: fc.integer({ min: 1, max: LARGEST }) }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom("pipe", "stop", "go", "go", "leave"), reader: fc.nat(3) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("join", "join", "join", "finish", "break") }) },
) as fc.Arbitrary<Action>;

interface Member {
  readonly source: BodySource;
  readonly sink: RecordingSink;
  piped: boolean;
  left: boolean;
}

/** A shared body with readers that come, stop, go on and leave, and a source that stops where it is asked to. */
class Scene {
  readonly source = new ScriptedSource();
  readonly members: Member[] = [];
  readonly sent: Buffer[] = [];
  readonly body: SharedBody;
  readonly keep: number;
  readonly window: number;
  unread = false;
  over = false;

  constructor(keep: number, window: number) {
    this.keep = keep;
    this.window = window;
    this.body = new SharedBody(this.source, keep, window, {
      unread: () => {
        expect([this.over, this.allLeft]).toEqual([false, true]);
        this.unread = true;
      },
    });
  }

  run(action: Action): void {
    if (action.kind === "push") this.#push(action.size);
    else if (action.kind === "join") this.#join();
    else if (!("reader" in action)) this.#finish(action.kind === "finish");
    else {
      const member = this.members[action.reader];
      if (member !== undefined && !member.left) act(member, action.kind);
    }
  }

  #join(): void {
    if (this.body.whole) this.members.push(newMember(this.body));
  }

  #push(size: number): void {
    const { source } = this;
    if (source.sink === null || source.paused || this.over || this.unread) return;
    const chunk = Buffer.alloc(size, this.sent.length);
    this.sent.push(chunk);
    source.push(chunk);
  }

  #finish(well: boolean): void {
    if (this.source.sink === null || this.over) return;
    this.over = true;
    if (well) this.source.end();
    else this.source.fail(new Error("broken off"));
  }

  get total(): number {
    return Buffer.concat(this.sent).length;
  }

  get allLeft(): boolean {
    return this.members.every(({ left }) => left);
  }

  /** Bytes that the slowest reader that is left has not had. */
  get behind(): number {
    const staying = this.members.filter(({ left, sink }) => !left && sink.waiting);
    return Math.max(0, ...staying.map(({ sink }) => this.total - sink.bytes.length));
  }

  get shouldWait(): boolean {
    return this.total > this.keep && this.behind > this.window;
  }
}

function newMember(body: SharedBody): Member {
  return { source: body.reader(), sink: new RecordingSink(), piped: false, left: false };
}

function act(member: Member, kind: "pipe" | "stop" | "go" | "leave"): void {
  const { source, sink } = member;
  if (kind === "leave") {
    member.left = true;
    source.cancel(new Error("left"));
  } else if (kind === "pipe") {
    if (!member.piped) source.pipe(sink);
    member.piped = true;
  } else if (member.piped) {
    sink.open = kind === "go";
    if (sink.waiting) source.resume();
  }
}

const scene = fc.tuple(fc.nat(20), fc.nat(20), fc.array(action, { maxLength: 60 }));

function play([keep, window, actions]: [number, number, Action[]], check: (scene: Scene) => void): Scene {
  const played = new Scene(keep, window);
  played.run({ kind: "join" });
  played.run({ kind: "join" });
  for (const each of actions) {
    played.run(each);
    check(played);
  }
  return played;
}

test("every reader has exactly the first bytes of the source, in order, at any time, and all of them at the end", () => {
  forAll(scene, (script) => {
    const played = play(script, ({ members, sent }) => {
      const all = Buffer.concat(sent);
      for (const { sink } of members) expect(sink.bytes.equals(all.subarray(0, sink.bytes.length))).toBe(true);
    });
    const { members, sent, over } = played;
    for (const member of members.filter(({ left }) => !left)) {
      act(member, "pipe");
      act(member, "go");
      expect(member.sink.bytes.equals(Buffer.concat(sent))).toBe(true);
      expect(member.sink.waiting).toBe(!over);
    }
    return true;
  });
});

test("the source is asked to wait exactly while the slowest reader is too far behind", () => {
  forAll(scene, (script) => {
    play(script, (now) => {
      if (!now.over && !now.unread) expect(now.source.paused).toBe(now.shouldWait);
    });
    return true;
  });
});

test("no more is held than the kept size or the window, and the one chunk that went over it", () => {
  forAll(scene, (script) => {
    play(script, ({ body, keep, window }) => {
      const held = body.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      expect(held).toBeLessThanOrEqual(Math.max(keep, window) + LARGEST);
    });
    return true;
  });
});

test("the owner is told that nobody reads exactly when the last reader has left before the end", () => {
  forAll(scene, (script) => {
    play(script, (now) => {
      if (!now.over && now.allLeft) expect(now.unread).toBe(true);
    });
    return true;
  });
});

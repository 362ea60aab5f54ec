import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { isSource } from "../../src/body.ts";
import { ClientGone } from "../../src/gateway-error.ts";
import { Attempt } from "../../src/upstream/attempt.ts";
import { AttemptError } from "../../src/upstream/attempt-error.ts";
import { RecordingSink } from "./support/bodies.ts";
import { CountedCancellation } from "./support/counted-cancellation.ts";
import { anAttemptRecord, aRequest, coded, DrivenAttempt, TestClock } from "./support/upstream.ts";

const gone = new ClientGone();
const unwanted = new Error("unwanted");

/** What the client may do, in its order (start, interim heads, head, data, end), and what we may do at any time. */
type Event = "next" | "interim" | "data" | "end" | "error" | "pipe" | "stop" | "go" | "cancel" | "gone";
const EVENTS: readonly Event[] = ["next", "interim", "data", "end", "error", "pipe", "stop", "go", "cancel", "gone"];
const events = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<Event>("next", "data", "pipe") },
    { weight: 2, arbitrary: fc.constantFrom<Event>(...EVENTS) },
  ),
  { maxLength: 25 },
);

class Scene {
  readonly cancellation = new CountedCancellation();
  readonly sink = new RecordingSink();
  readonly told: string[] = [];
  readonly settled: (Error | null)[] = [];
  readonly driven: DrivenAttempt;
  stage: "waiting" | "sent" | "head" = "waiting";
  sent = "";
  piped = false;
  readerLeft = false;

  constructor() {
    const request = aRequest({ cancellation: this.cancellation });
    const events = {
      resolve: () => this.told.push("resolved"),
      reject: () => this.told.push("rejected"),
      settled: (error: Error | null) => this.settled.push(error),
    };
    this.driven = new DrivenAttempt(new Attempt(request, anAttemptRecord(), 3, new TestClock(), events));
  }

  run(event: Event): void {
    if (["next", "interim", "data", "end", "error"].includes(event)) this.#engine(event);
    else this.#ours(event);
  }

  #engine(event: Event): void {
    const { driven, stage } = this;
    if (driven.control.over) return;
    if (event === "error") driven.fail(coded("UPSTREAM_ENDED"));
    else if (event === "next") this.#advance();
    else if (event === "interim" && stage === "sent") driven.head(103);
    else if (event === "end" && stage === "head") driven.end();
    else if (event === "data" && stage === "head" && !driven.control.paused) {
      const chunk = String.fromCharCode(97 + (this.sent.length % 26));
      this.sent += chunk;
      driven.data(chunk);
    }
  }

  #advance(): void {
    if (this.stage === "waiting") {
      this.stage = "sent";
      this.driven.start();
    } else if (this.stage === "sent") {
      this.stage = "head";
      this.driven.head();
    }
  }

  #ours(event: Event): void {
    const { attempt } = this.driven;
    if (event === "gone") this.cancellation.cancel(gone);
    else if (!this.told.includes("resolved") || this.readerLeft) return;
    else if (event === "pipe") this.#pipe();
    else if (event === "cancel") {
      this.readerLeft = true;
      attempt.cancel(unwanted);
    } else if (this.piped) {
      this.sink.open = event === "go";
      if (this.sink.waiting) attempt.resume();
    }
  }

  #pipe(): void {
    if (this.piped) return;
    this.piped = true;
    const body = this.driven.attempt.takeBody();
    if (isSource(body)) body.pipe(this.sink);
    else {
      if (body !== null) this.sink.data(body);
      this.sink.end(null);
    }
  }

  /** Lets the client end it, in the way that it ends what nobody has ended. */
  finish(): void {
    this.run("error");
  }
}

function play(script: readonly Event[]): Scene {
  const scene = new Scene();
  for (const event of script) scene.run(event);
  scene.finish();
  return scene;
}

test("settled is called exactly once, and the promise resolved or rejected exactly once", () => {
  forAll(events, (script) => {
    const { told, settled } = play(script);
    expect(settled).toHaveLength(1);
    expect(told).toHaveLength(1);
  });
});

test("settled tells how it ended: null for a whole response only", () => {
  forAll(events, (script) => {
    const { settled, cancellation, readerLeft, told } = play(script);
    const [how] = settled;
    if (how === gone) expect(cancellation.cancelled).toBe(true);
    else if (how === unwanted) expect(readerLeft).toBe(true);
    else if (how === null) expect(told).toEqual(["resolved"]);
    else expect(how).toBeInstanceOf(AttemptError);
  });
});

test("the sink has the first bytes that came, in order, and all of them where it was told the end", () => {
  forAll(events, (script) => {
    const { sink, sent, settled } = play(script);
    expect(sent.startsWith(sink.text)).toBe(true);
    if (sink.ended) expect([sink.text, settled]).toEqual([sent, [null]]);
  });
});

test("a sink is told one end, good or bad, unless the reader has left", () => {
  forAll(events, (script) => {
    const { sink, piped, readerLeft } = play(script);
    if (piped && !readerLeft) expect(sink.waiting).toBe(false);
  });
});

test("nothing of it is left with the cancellation, which may live on", () => {
  forAll(events, (script) => {
    const { cancellation } = play(script);
    expect(cancellation.held).toBe(0);
  });
});

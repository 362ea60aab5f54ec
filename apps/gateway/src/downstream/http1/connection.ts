import { METHODS } from "node:http";
import type { Socket } from "node:net";
import { type ReceivedHead, type RequestEvents, type RequestFault, RequestParser } from "@headgate/http";
import { GatewayError } from "../../gateway-error.ts";
import type { TakenOver } from "../reply.ts";
import { type ContentWire, Http1Content } from "./content.ts";
import type { CorkedSockets } from "./corked-sockets.ts";
import { Intake } from "./intake.ts";
import { rawRefusal } from "./raw-refusal.ts";
import { Http1Reply, type ReplyWire } from "./reply.ts";
import { type ConnectionFacts, receive } from "./request.ts";
import { readWishes } from "./request-wishes.ts";
import type { ResponseHead } from "./response-head.ts";
import { StallWatch } from "./stall-watch.ts";
import type { Http1Terms } from "./terms.ts";

const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS);

/** How long a client may take to close its side of a connection that has ended, ms. */
const LINGER = 1000;

/** What a connection waits for, and until when at most; `answer`: for us. */
type Waiting = "head" | "next" | "answer" | "leave" | "over";

/** One HTTP/1 connection of a client: requests one after the other, each with its reply, until one of both sides ends it. */
export class Http1Connection implements RequestEvents, ReplyWire, ContentWire {
  readonly socket: Socket;
  readonly heads: ResponseHead;
  readonly corked: CorkedSockets;
  readonly secure: boolean;
  readonly #terms: Http1Terms;
  readonly #parser: RequestParser;
  readonly #facts: ConnectionFacts;
  readonly #intake: Intake;
  #reply: Http1Reply | null = null;
  #content: Http1Content | null = null;
  #waiting: Waiting = "head";
  /** Monotonic ms. */
  #until: number;
  readonly #stalls: StallWatch;

  constructor(socket: Socket, terms: Http1Terms) {
    this.socket = socket;
    this.heads = terms.heads;
    this.corked = terms.corked;
    this.secure = terms.scheme === "https";
    this.#terms = terms;
    this.#parser = new RequestParser(this, { maxHead: terms.maxHead, methods: KNOWN_METHODS });
    const { remoteAddress = "", localPort = 0 } = socket;
    this.#facts = { scheme: terms.scheme, peer: remoteAddress, localPort };
    this.#until = terms.tick() + terms.headTimeout;
    this.#stalls = new StallWatch(socket);
    this.#intake = new Intake(socket, this.#onBytes);
    socket.on("end", this.#onEnd);
    socket.on("error", this.#onError);
    socket.on("close", this.#onClose);
    socket.on("drain", this.#onDrain);
    socket.on("timeout", this.#onTimeout);
  }

  /** Nothing of a request has come, and none is being answered. */
  get idle(): boolean {
    return this.#waiting === "next" || (this.#waiting === "head" && this.#parser.idle);
  }

  /** Looks whether the time for what is waited for is over. */
  check(now: number): void {
    this.#stalls.look();
    if (this.#waiting === "next") this.#parser.forget();
    if (now < this.#until) return;
    if (this.#waiting === "head")
      this.#refuse(new GatewayError("request-timeout", "The request head did not come in time."));
    else if (this.#waiting !== "answer") this.socket.destroy();
  }

  /** Ends it between two requests. */
  leave(): void {
    this.#waiting = "leave";
    this.#until = this.#terms.tick() + LINGER;
    this.#parser.stop();
    this.#intake.drop();
    this.socket.end();
    // What still comes is dropped: closed over unread bytes, the client would see a reset in place of its answer.
    this.socket.resume();
  }

  // What the parser tells.

  head(head: ReceivedHead): void {
    const { dropLimit, handler } = this.#terms;
    const wishes = readWishes(head);
    const hasContent = !this.#parser.whole && head.framing.kind !== "refuse";
    this.#wait("answer", Number.POSITIVE_INFINITY);
    this.#content = hasContent ? new Http1Content(this, dropLimit) : null;
    this.#reply = new Http1Reply(this, {
      old: head.version === "1.0",
      keep: wishes.keep,
      invites: hasContent && wishes.expectation === "continue",
    });
    handler.request(receive(head, this.#facts, wishes, this.#content), this.#reply);
  }

  data(chunk: Buffer): void {
    this.#content?.receive(this.#intake.keep(chunk));
  }

  end(): void {
    this.#content?.finish();
    if (this.#reply === null) this.#next();
  }

  malformed(fault: RequestFault): void {
    this.#broken(new GatewayError(fault.code, fault.detail));
  }

  // What reply and content ask for.

  replied(keep: boolean): void {
    this.#reply = null;
    this.#stalls.set(0);
    if (!keep || this.#waiting === "leave") this.leave();
    else if (this.#parser.whole) this.#next();
    // The rest of its content is read and dropped; a client that sends none of it is left like an idle one.
    else this.#wait("next", this.#terms.idleTimeout);
  }

  watch(ms: number): void {
    this.#stalls.set(ms);
  }

  takeOver(): TakenOver | null {
    const { socket } = this;
    if (socket.destroyed) return null;
    this.#wait("over", Number.POSITIVE_INFINITY);
    socket.off("end", this.#onEnd).off("drain", this.#onDrain).off("timeout", this.#onTimeout);
    return { socket, head: this.#intake.leave() };
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  tooMuch(): void {
    if (this.#reply === null) this.leave();
    else this.#reply.forbidKeep();
  }

  // What the socket tells.

  uncorked(): void {
    this.#reply?.uncorked();
  }

  readonly onTaken = (): void => {
    this.#reply?.taken();
  };

  readonly #onBytes = (bytes: Buffer): void => {
    if (this.#waiting === "leave") return;
    if (this.#parser.whole) this.#intake.hold(bytes);
    else this.#read(bytes);
  };

  readonly #onEnd = (): void => {
    const reply = this.#reply;
    if (this.#waiting === "leave" || this.#waiting === "over") return;
    if (!this.#parser.whole && !this.#parser.idle)
      this.#broken(new GatewayError("incomplete-content", "The connection ended before the request did."), true);
    else if (reply === null) this.leave();
    else if (reply.ended) reply.forbidKeep();
    // Half a connection is taken for none, as most clients mean it: who leaves must not keep a backend busy.
    else this.socket.destroy();
  };

  readonly #onDrain = (): void => {
    this.#reply?.drained();
  };

  readonly #onTimeout = (): void => {
    this.#reply?.stalled();
  };

  readonly #onError = (): void => {
    // `close` follows, and is all that there is to know.
  };

  readonly #onClose = (): void => {
    this.#waiting = "over";
    this.#parser.stop();
    this.#intake.drop();
    this.#content?.breakOff("gone");
    this.#reply?.gone();
  };

  #read(bytes: Buffer): void {
    const used = this.#parser.execute(bytes);
    if (used < bytes.length) this.#intake.hold(bytes.subarray(used));
    if (this.#waiting === "next" && this.#reply === null && !this.#parser.idle && this.#content === null)
      this.#wait("head", this.#terms.headTimeout);
  }

  #next(): void {
    this.#content = null;
    this.#parser.next();
    this.#wait("next", this.#terms.idleTimeout);
    const held = this.#intake.takeHeld();
    if (held !== null) this.#read(held);
  }

  #wait(waiting: Waiting, most: number): void {
    this.#waiting = waiting;
    this.#until = most === Number.POSITIVE_INFINITY ? most : this.#terms.tick() + most;
  }

  /** Bytes that are no request, or an end within one. One that is being answered fails with its content. */
  #broken(error: GatewayError, ended = false): void {
    const reply = this.#reply;
    const content = this.#content;
    if (reply === null) {
      if (content === null) this.#refuse(error);
      else this.leave();
      return;
    }
    reply.forbidKeep();
    const hadReader = content?.hasReader === true;
    content?.breakOff(error);
    // Where nobody reads the content the answer may still come; only a client that has ended within it waits for none.
    if (ended && !hadReader && !reply.headSent) this.socket.destroy();
  }

  #refuse(error: GatewayError): void {
    this.socket.write(rawRefusal(error, this.heads), "latin1");
    this.leave();
  }
}

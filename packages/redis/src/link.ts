import { sendBounded } from "./bounded.ts";
import { Breaker } from "./breaker.ts";
import { type FailureKind, failureOf, RedisFailure, replyCode } from "./failure.ts";
import type { Command, OpenClient, RedisClient, Schedule, Sender } from "./port.ts";
import { asList, asText } from "./reply.ts";
import type { Script } from "./scripts.ts";
import { WritePause } from "./write-pause.ts";

export interface LinkParts {
  readonly open: OpenClient;
  /** Longest wait for any reply, ms. */
  readonly timeout: number;
  /** ms; only differences count. */
  readonly now: () => number;
  readonly schedule: Schedule;
  /** 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** Told when Redis goes out of reach and when it is back. */
  readonly onChange: (isUp: boolean) => void;
}

/** Whether Redis is asked at all, and if not, why. */
export type LinkState = { readonly kind: "up" } | { readonly kind: "down"; readonly why: string };

const UP: LinkState = { kind: "up" };
/** Failures in a row that open the breaker. */
const THRESHOLD = 5;
/** Before the first probe and the longest between two, ms. */
const PROBE = 100;
const LONGEST_PROBE = 2000;
/** Names a SCAN looks at in one step, and how long all its steps may take, ms. */
const SCAN_STEP = "500";
const SCAN_LIMIT = 30_000;

/**
 * Redis with every wait bounded: a command has an answer within the time-out or has failed, and while Redis is out of reach it
 * fails at once. Rejects with `RedisFailure` only.
 */
export class Link {
  readonly #parts: LinkParts;
  readonly #client: RedisClient;
  readonly #breaker = new Breaker(THRESHOLD);
  readonly #pause = new WritePause();
  #why = "not connected yet";
  /** What was told of its state last. */
  #told: boolean | null = null;
  #connected = false;
  #closed = false;
  #probeAfter = PROBE;
  #cancelProbe: () => void = () => undefined;
  #commands = 0;
  readonly #failures: Record<FailureKind, number> = { down: 0, timeout: 0, lost: 0, refused: 0, error: 0 };

  constructor(parts: LinkParts) {
    this.#parts = parts;
    this.#client = parts.open({
      connected: () => this.#onConnected(),
      disconnected: (why) => this.#onDisconnected(why),
    });
  }

  get state(): LinkState {
    return this.#breaker.isOpen ? { kind: "down", why: this.#why } : UP;
  }

  get isUp(): boolean {
    return !this.#breaker.isOpen;
  }

  /** Up, and the last command was answered: what could be done without should only be asked for then. */
  get isSteady(): boolean {
    return !this.#breaker.isShaky;
  }

  /** Whether Redis is up but takes no writes: it is full, or a replica. */
  get refusesWrites(): boolean {
    return this.#pause.isRefused;
  }

  get commands(): number {
    return this.#commands;
  }

  get failures(): Readonly<Record<FailureKind, number>> {
    return this.#failures;
  }

  send(command: Command): Promise<unknown> {
    return this.#send(this.#client, command);
  }

  /** Runs a script that only reads. */
  run(script: Script, keys: readonly string[], args: readonly (string | Buffer)[]): Promise<unknown> {
    return this.#run(script, [...keys, ...args]);
  }

  /** Runs a script that writes; fails at once for a while after a write was refused. */
  async write(script: Script, keys: readonly string[], args: readonly (string | Buffer)[]): Promise<unknown> {
    if (this.#pause.lasts(this.#parts.now())) throw this.#fail("refused", "Redis takes no writes at the moment");
    const reply = await this.#run(script, [...keys, ...args]);
    this.#pause.accepted();
    return reply;
  }

  /** The names of all keys that match a pattern, in pages; a name may come twice. */
  async *names(pattern: string): AsyncGenerator<readonly string[]> {
    const args = ["MATCH", pattern, "COUNT", SCAN_STEP];
    for (const node of this.#client.nodes()) yield* this.#pages(node, (cursor) => ["SCAN", cursor, ...args]);
  }

  /** The members of a sorted set, in pages; a member may come twice. */
  async *members(key: string): AsyncGenerator<readonly string[]> {
    const pages = this.#pages(this.#client, (cursor) => ["ZSCAN", key, cursor, "COUNT", SCAN_STEP]);
    for await (const page of pages) yield page.filter((_, index) => index % 2 === 0);
  }

  close(): void {
    this.#closed = true;
    this.#cancelProbe();
    this.#breaker.trip();
    this.#why = "closed";
    this.#client.close();
  }

  async *#pages(node: Sender, page: (cursor: string) => Command): AsyncGenerator<string[]> {
    const end = this.#parts.now() + SCAN_LIMIT;
    let cursor = "0";
    do {
      const [next, found] = asList(await this.#send(node, page(cursor)));
      yield asList(found).map(asText);
      cursor = asText(next);
      if (this.#parts.now() > end) throw this.#fail("timeout", `a scan took more than ${SCAN_LIMIT} ms`);
    } while (cursor !== "0" && cursor !== "");
  }

  async #run({ text, digest, keys }: Script, args: readonly (string | Buffer)[]): Promise<unknown> {
    try {
      return await this.#send(this.#client, ["EVALSHA", digest, String(keys), ...args]);
    } catch (error) {
      if (replyCode(error) !== "NOSCRIPT") throw error;
      return this.#send(this.#client, ["EVAL", text, String(keys), ...args]);
    }
  }

  async #send(sender: Sender, command: Command): Promise<unknown> {
    if (this.#breaker.isOpen) throw this.#fail("down", `Redis is out of reach: ${this.#why}`);
    this.#commands++;
    try {
      const reply = await this.#bounded(sender, command);
      this.#onAnswer();
      return reply;
    } catch (error) {
      throw this.#onFailure(failureOf(error));
    }
  }

  #bounded(sender: Sender, command: Command): Promise<unknown> {
    return sendBounded(sender, command, this.#parts.timeout, this.#parts.schedule);
  }

  #onAnswer(): void {
    this.#breaker.succeeded();
    this.#probeAfter = PROBE;
  }

  #onFailure(failure: RedisFailure): RedisFailure {
    const code = replyCode(failure);
    // Redis is well: it only had to be told the script.
    if (code === "NOSCRIPT") return failure;
    this.#failures[failure.kind]++;
    if (failure.kind === "refused") this.#pause.refused(this.#parts.now());
    else if (code !== "WRONGTYPE" && this.#breaker.failed()) this.#onDown(failure.message);
    return failure;
  }

  #fail(kind: FailureKind, message: string): RedisFailure {
    this.#failures[kind]++;
    return new RedisFailure(kind, message);
  }

  #onConnected(): void {
    this.#connected = true;
    this.#onUp();
  }

  #onDisconnected(why: string): void {
    this.#connected = false;
    this.#cancelProbe();
    this.#breaker.trip();
    this.#why = why;
    this.#tell(false);
  }

  #onUp(): void {
    if (this.#closed) return;
    this.#cancelProbe();
    this.#breaker.close();
    this.#tell(true);
  }

  #onDown(why: string): void {
    this.#why = why;
    this.#tell(false);
    this.#probeLater();
  }

  #tell(isUp: boolean): void {
    if (this.#told === isUp || this.#closed) return;
    this.#told = isUp;
    this.#parts.onChange(isUp);
  }

  /** Only while connected: a new connection says by itself that Redis is well. */
  #probeLater(): void {
    if (this.#closed || !this.#connected) return;
    const { schedule, random } = this.#parts;
    this.#cancelProbe = schedule(() => void this.#probe(), this.#probeAfter * (0.5 + random() / 2));
    this.#probeAfter = Math.min(LONGEST_PROBE, this.#probeAfter * 2);
  }

  async #probe(): Promise<void> {
    try {
      await Promise.any(this.#client.nodes().map((node) => this.#bounded(node, ["PING"])));
    } catch {
      this.#probeLater();
      return;
    }
    if (this.#connected && this.#breaker.isOpen) this.#onUp();
  }
}

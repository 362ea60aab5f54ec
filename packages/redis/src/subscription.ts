import type { Listener, OpenListener, Schedule } from "./port.ts";

export interface SubscriptionParts {
  readonly open: OpenListener;
  readonly schedule: Schedule;
  /** 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** What to do with what is said, by channel. */
  readonly channels: Readonly<Record<string, (text: string) => void>>;
  /** From now on nothing that is said is missed. */
  readonly onHearing: () => void;
  /** From now on something may be missed. */
  readonly onDeaf: () => void;
}

/** Between a lost connection and the next, ms: first and longest. */
const RETRY = 100;
const LONGEST_RETRY = 2000;
/** How often a connection on which nothing is said has to show that it is one, ms. */
const HEARTBEAT = 2000;

/** Listens to channels for as long as it is open, over one connection after the other. */
export class Subscription {
  readonly #parts: SubscriptionParts;
  #listener: Listener | null = null;
  #attempt = 0;
  #retryAfter = RETRY;
  #isHearing = false;
  #isOpen = true;
  #cancel: () => void = () => undefined;

  constructor(parts: SubscriptionParts) {
    this.#parts = parts;
    this.#connect();
  }

  close(): void {
    this.#isOpen = false;
    this.#cancel();
    this.#listener?.close();
    this.#listener = null;
  }

  #connect(): void {
    const { open, channels } = this.#parts;
    this.#listener = open(Object.keys(channels), this.#attempt++, {
      subscribed: () => this.#onSubscribed(),
      message: (channel, text) => channels[channel]?.(text),
      lost: () => this.#onLost(),
    });
  }

  #onSubscribed(): void {
    if (!this.#isOpen) return;
    this.#isHearing = true;
    this.#retryAfter = RETRY;
    this.#parts.onHearing();
    this.#beatLater();
  }

  #beatLater(): void {
    this.#cancel = this.#parts.schedule(() => void this.#beat(), HEARTBEAT);
  }

  async #beat(): Promise<void> {
    const listener = this.#listener;
    let isOver = false;
    this.#cancel = this.#parts.schedule(() => {
      isOver = true;
      listener?.close();
      this.#onLost();
    }, HEARTBEAT);
    try {
      await listener?.ping();
    } catch {
      // The connection tells by itself that it is lost, or its silence does.
      return;
    }
    if (isOver || !this.#isOpen || listener !== this.#listener) return;
    this.#cancel();
    this.#beatLater();
  }

  #onLost(): void {
    if (!this.#isOpen) return;
    this.#cancel();
    this.#listener = null;
    if (this.#isHearing) this.#parts.onDeaf();
    this.#isHearing = false;
    const { schedule, random } = this.#parts;
    this.#cancel = schedule(() => this.#connect(), this.#retryAfter * (0.5 + random() / 2));
    this.#retryAfter = Math.min(LONGEST_RETRY, this.#retryAfter * 2);
  }
}

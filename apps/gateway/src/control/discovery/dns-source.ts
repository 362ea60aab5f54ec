import type { ControlTime } from "../control-time.ts";
import type { AskDns, DnsAnswer, DnsQuestion } from "./dns-answer.ts";
import { DnsBook, type DnsSettings } from "./dns-book.ts";
import type { Source, SourceSink } from "./source.ts";

export interface DnsSourcePorts extends SourceSink {
  readonly time: ControlTime;
  readonly ask: AskDns;
}

/** So many questions are on their way at a time. */
const AT_ONCE = 32;

/** Asks for one name as the TTLs of its answers say, and tells what it finds. */
export class DnsSource implements Source {
  readonly #ports: DnsSourcePorts;
  readonly #book: DnsBook;
  readonly #abort = new AbortController();
  /** Until then an empty list is not told: what others found before is held as an answer of its own would be. */
  readonly #heldUntil: number;
  #cancel: () => void;

  /** @param held whether there is a list of other settings, which this one's first answers are to replace */
  constructor(settings: DnsSettings, held: boolean, ports: DnsSourcePorts) {
    const { clock, schedule } = ports.time;
    this.#ports = ports;
    this.#book = new DnsBook(settings);
    this.#heldUntil = held ? clock.tick() + settings.hold : Number.NEGATIVE_INFINITY;
    this.#cancel = schedule(() => void this.#round(), 0);
  }

  stop(): void {
    this.#abort.abort();
    this.#cancel();
  }

  async #round(): Promise<void> {
    const { clock, schedule } = this.#ports.time;
    const due = this.#book.due(clock.tick());
    for (let start = 0; start < due.length; start += AT_ONCE) {
      const questions = due.slice(start, start + AT_ONCE);
      const answers = await Promise.all(questions.map((question) => this.#ask(question)));
      if (this.#abort.signal.aborted) return;
      for (const { question, answer } of answers) this.#book.take(question, answer, clock.tick());
    }
    const again = this.#tell(clock.tick());
    this.#cancel = schedule(() => void this.#round(), Math.max(0, again - clock.tick()));
  }

  async #ask(question: DnsQuestion): Promise<{ question: DnsQuestion; answer: DnsAnswer }> {
    return { question, answer: await this.#ports.ask(question, this.#abort.signal) };
  }

  /** Tells what is known, and gives back when to look again. */
  #tell(now: number): number {
    const { onList, onFault } = this.#ports;
    const { backends, fault, nextAt } = this.#book;
    if (backends === null) return nextAt;
    onFault(fault);
    if (backends.length > 0 || now >= this.#heldUntil) onList(backends);
    else return Math.min(nextAt, this.#heldUntil);
    return nextAt;
  }
}

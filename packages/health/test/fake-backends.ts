import { FakeScheduler, seededRandom } from "@headgate/testing";
import { type CheckerOptions, type CheckerPorts, HealthChecker, type ProbeResult } from "../src/index.ts";

/** How a scripted backend answers a probe: a status, a refusal, an error, or never. */
export type Answer = number | "refused" | "throws" | "hangs";

/** Scripted backends under a checker in virtual time, with a log of all that happened. */
export class FakeBackends {
  readonly time = new FakeScheduler(1_000_000);
  readonly log: string[] = [];
  readonly starts = new Map<string, number[]>();
  readonly answers = new Map<string, Answer>();
  /** How long an answer takes, ms. */
  latency = 5;
  active = 0;
  mostActive = 0;
  aborted = 0;
  readonly checker: HealthChecker;

  constructor(options: Partial<CheckerOptions> = {}, ports: Partial<CheckerPorts> = {}) {
    this.checker = new HealthChecker({
      probe: (id, signal) => this.#probe(id, signal),
      schedule: this.time.schedule,
      now: this.time.now,
      random: seededRandom(11),
      options: { interval: 1000, timeout: 1000, failures: 3, successes: 1, ...options },
      onTransition: (id, { to, reason }) => this.log.push(`${id} ${to}: ${reason}`),
      onEjected: (id, ejected) => this.log.push(`${id} ${ejected ? "ejected" : "readmitted"}`),
      ...ports,
    });
  }

  /** Time since the start, ms. */
  get elapsed(): number {
    return this.time.now() - 1_000_000;
  }

  startsOf(id: string): readonly number[] {
    return this.starts.get(id) ?? [];
  }

  async #probe(id: string, signal: AbortSignal): Promise<ProbeResult> {
    this.starts.set(id, [...this.startsOf(id), this.elapsed]);
    this.active++;
    this.mostActive = Math.max(this.mostActive, this.active);
    try {
      return await this.#answer(this.answers.get(id) ?? 200, signal);
    } finally {
      this.active--;
    }
  }

  #answer(answer: Answer, signal: AbortSignal): Promise<ProbeResult> {
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => {
        this.aborted++;
        reject(new Error("aborted"));
      });
      if (answer === "hangs") return;
      this.time.schedule(() => {
        const seen = { latency: this.latency, at: this.time.now() };
        if (answer === "throws") reject(new Error("no route to host"));
        else if (answer === "refused") resolve({ ok: false, reason: "connection refused", ...seen });
        else if (answer >= 400) resolve({ ok: false, reason: `status ${answer}`, ...seen });
        else resolve({ ok: true, status: answer, ...seen });
      }, this.latency);
    });
  }
}

import { isIPv6 } from "node:net";
import type { Found } from "../members.ts";
import type { DnsAnswer, DnsQuestion, Service } from "./dns-answer.ts";
import { HeldAnswer, type HoldRules } from "./held-answer.ts";
import { settleServices } from "./services.ts";

/** What is looked up, and how answers are used. */
export interface DnsSettings extends HoldRules {
  readonly name: string;
  readonly type: "address" | "srv";
  /** Of addresses; undefined for the scheme's own. */
  readonly port?: number | undefined;
  readonly scheme: "http" | "https";
  readonly family: "any" | "ipv4" | "ipv6";
  /** Backends at most. */
  readonly limit: number;
}

interface Entry {
  readonly question: DnsQuestion;
  readonly held: HeldAnswer;
}

const FAMILIES = { any: ["A", "AAAA"], ipv4: ["A"], ipv6: ["AAAA"] } as const;

const DEFAULT_PORTS = { http: 80, https: 443 };

const keyOf = ({ name, type }: DnsQuestion): string => `${type} ${name}`;

/**
 * Everything that one name's backends are known by: the question for it and, of SRV, those for its targets. Each answer has
 * a TTL and is held on its own, so that a fault with one keeps the others fresh. Times are ms of any one clock.
 */
export class DnsBook {
  readonly #settings: DnsSettings;
  readonly #servername: string;
  readonly #entries = new Map<string, Entry>();

  constructor(settings: DnsSettings) {
    this.#settings = settings;
    this.#servername = sourceDomain(settings.name);
    this.#follow();
  }

  /** What is to be asked at `now`. */
  due(now: number): readonly DnsQuestion[] {
    for (const { held } of this.#entries.values()) held.expire(now);
    this.#follow();
    return [...this.#entries.values()].filter(({ held }) => held.askAt <= now).map(({ question }) => question);
  }

  take(question: DnsQuestion, answer: DnsAnswer, now: number): void {
    this.#entries.get(keyOf(question))?.held.take(answer, now);
    this.#follow();
  }

  /** When there is something to do next. */
  get nextAt(): number {
    return Math.min(...Array.from(this.#entries.values(), ({ held }) => held.nextAt));
  }

  /** Null until every question has been answered once: half of a list would take those of the other half away. */
  get backends(): readonly Found[] | null {
    if ([...this.#entries.values()].some(({ held }) => !held.asked)) return null;
    return this.#found().slice(0, this.#settings.limit);
  }

  /** What is wrong; null while all is well. That a name has addresses of one kind only is not wrong. */
  get fault(): string | null {
    const entries = [...this.#entries.values()];
    const leaves = entries.filter(({ question }) => question.type !== "SRV");
    const bad =
      entries.find(({ held }) => held.fault?.kind === "failed") ??
      entries.find(({ question, held }) => question.type === "SRV" && held.fault !== null) ??
      (leaves.every(({ held }) => held.fault !== null) ? leaves[0] : undefined);
    if (bad !== undefined) return `${keyOf(bad.question)}: ${bad.held.fault?.reason}`;
    const { limit } = this.#settings;
    return this.#found().length > limit ? `more than ${limit} backends: the rest is left out` : null;
  }

  /** Makes the questions those that the answers so far lead to. */
  #follow(): void {
    const wanted = new Map(this.#questions().map((question) => [keyOf(question), question]));
    for (const key of this.#entries.keys()) if (!wanted.has(key)) this.#entries.delete(key);
    for (const [key, question] of wanted)
      if (!this.#entries.has(key)) this.#entries.set(key, { question, held: new HeldAnswer(this.#settings) });
  }

  #questions(): DnsQuestion[] {
    const { name, type, limit } = this.#settings;
    if (type === "address") return this.#addressQuestions(name);
    const targets = new Set(this.#services().map(({ target }) => target));
    return [{ name, type: "SRV" }, ...[...targets].slice(0, limit).flatMap((target) => this.#addressQuestions(target))];
  }

  #addressQuestions(name: string): DnsQuestion[] {
    return FAMILIES[this.#settings.family].map((type) => ({ name, type }));
  }

  #services(): readonly Service[] {
    const { name } = this.#settings;
    return settleServices(this.#entries.get(keyOf({ name, type: "SRV" }))?.held.services ?? []);
  }

  /** In an order that does not turn with the answers'; an address and port that stands twice counts once, the first time. */
  #found(): readonly Found[] {
    const { name, type, scheme, port = DEFAULT_PORTS[scheme] } = this.#settings;
    const services = type === "srv" ? this.#services() : [{ target: name, port, priority: 0, weight: 1 }];
    const found = new Map<string, Found>();
    for (const service of services)
      for (const address of this.#addressesOf(service.target)) {
        const backend = this.#backend(address, service);
        if (!found.has(backend.url)) found.set(backend.url, backend);
      }
    return [...found.values()];
  }

  #addressesOf(target: string): readonly string[] {
    const questions = this.#addressQuestions(target);
    return questions.flatMap((question) => [...(this.#entries.get(keyOf(question))?.held.addresses ?? [])].sort());
  }

  #backend(address: string, { port, priority, weight }: Service): Found {
    const { scheme } = this.#settings;
    const { origin } = new URL(`${scheme}://${isIPv6(address) ? `[${address}]` : address}:${port}`);
    return { url: origin, weight, priority, ...(scheme === "https" ? { servername: this.#servername } : {}) };
  }
}

/**
 * The name that certificates are checked against: the one that was configured, without an SRV name's labels of service and
 * protocol. An SRV target comes from DNS, which proves nothing (RFC 6125 §6.2.1).
 */
function sourceDomain(name: string): string {
  return name.replace(/^(?:_[^.]+\.)+/, "").replace(/\.$/, "");
}

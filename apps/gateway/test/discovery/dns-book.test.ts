import type { DnsAnswer, Service } from "../../src/control/discovery/dns-answer.ts";
import { DnsBook, type DnsSettings } from "../../src/control/discovery/dns-book.ts";

const SETTINGS: DnsSettings = {
  ...{ name: "api.internal", type: "address", scheme: "http", family: "any", limit: 10, port: 8000 },
  ...{ floor: 1000, hold: 30_000, stale: 600_000 },
};
const SRV: DnsSettings = { ...SETTINGS, name: "_http._tcp.api.internal", type: "srv", port: undefined };
const EMPTY: DnsAnswer = { kind: "empty", reason: "no such records" };
const FAILED: DnsAnswer = { kind: "failed", reason: "answered SERVFAIL" };

const addresses = (...found: string[]): DnsAnswer => ({ kind: "records", addresses: found, services: [], ttl: 5000 });
const services = (...found: Service[]): DnsAnswer => ({ kind: "records", addresses: [], services: found, ttl: 5000 });
const service = (target: string, port: number, priority = 0, weight = 1): Service => ({
  target,
  port,
  priority,
  weight,
});

/** Answers what is due, and gives back what was asked. */
function answer(book: DnsBook, now: number, answers: Readonly<Record<string, DnsAnswer>>): string[] {
  const due = book.due(now);
  for (const question of due) book.take(question, answers[`${question.type} ${question.name}`] ?? EMPTY, now);
  return due.map(({ type, name }) => `${type} ${name}`);
}

const urls = (book: DnsBook): string[] | undefined => book.backends?.map(({ url }) => url);

describe("addresses", () => {
  test("of both kinds are backends, in an order that does not turn with the answers'", () => {
    const book = new DnsBook(SETTINGS);
    expect(book.backends).toBeNull();
    const AAAA = addresses("fd00::1");
    expect(answer(book, 0, { "A api.internal": addresses("10.0.0.2", "10.0.0.1"), "AAAA api.internal": AAAA })).toEqual(
      ["A api.internal", "AAAA api.internal"],
    );
    expect(urls(book)).toEqual(["http://10.0.0.1:8000", "http://10.0.0.2:8000", "http://[fd00::1]:8000"]);
    expect(book.backends?.[0]).toEqual({ url: "http://10.0.0.1:8000", weight: 1, priority: 0 });
    expect(book.fault).toBeNull();
    expect(book.nextAt).toBe(5000);
    expect(book.due(4999)).toEqual([]);
  });

  test("of one kind alone are asked for where that is wanted, and the port is the scheme's where none is", () => {
    const book = new DnsBook({ ...SETTINGS, family: "ipv6", port: undefined, scheme: "https" });
    expect(answer(book, 0, { "AAAA api.internal": addresses("fd00::1") })).toEqual(["AAAA api.internal"]);
    expect(book.backends).toEqual([{ url: "https://[fd00::1]", weight: 1, priority: 0, servername: "api.internal" }]);
  });

  test("that are missing of one kind are no fault; of both they are", () => {
    const book = new DnsBook(SETTINGS);
    answer(book, 0, { "A api.internal": addresses("10.0.0.1") });
    expect(book.fault).toBeNull();
    answer(book, 5000, {});
    expect(book.fault).toBe("A api.internal: no such records");
    expect(urls(book)).toEqual(["http://10.0.0.1:8000"]);
    expect(book.due(34_999)).not.toEqual([]);
    expect(urls(book)).toEqual(["http://10.0.0.1:8000"]);
    book.due(35_000);
    expect(urls(book)).toEqual([]);
  });

  test("whose server fails for one kind keep that kind, and follow the other", () => {
    const book = new DnsBook(SETTINGS);
    answer(book, 0, { "A api.internal": addresses("10.0.0.1"), "AAAA api.internal": addresses("fd00::1") });
    answer(book, 5000, { "A api.internal": addresses("10.0.0.2"), "AAAA api.internal": FAILED });
    expect(urls(book)).toEqual(["http://10.0.0.2:8000", "http://[fd00::1]:8000"]);
    expect(book.fault).toBe("AAAA api.internal: answered SERVFAIL");
    expect(book.nextAt).toBe(6000);
  });

  test("beyond the limit are left out, always the same, and told", () => {
    const book = new DnsBook({ ...SETTINGS, limit: 2 });
    answer(book, 0, { "A api.internal": addresses("10.0.0.3", "10.0.0.1", "10.0.0.2") });
    expect(urls(book)).toEqual(["http://10.0.0.1:8000", "http://10.0.0.2:8000"]);
    expect(book.fault).toBe("more than 2 backends: the rest is left out");
  });
});

describe("services", () => {
  const ROOT = `SRV ${SRV.name}`;

  test("are their targets' addresses, with port, priority and weight of the record", () => {
    const book = new DnsBook(SRV);
    const found = services(service("b.internal", 8002, 20, 5), service("a.internal", 8001, 10, 3));
    expect(answer(book, 0, { [ROOT]: found })).toEqual([ROOT]);
    expect(book.backends).toBeNull();
    expect(book.nextAt).toBeLessThan(0);
    const asked = answer(book, 1, { "A a.internal": addresses("10.0.0.1"), "A b.internal": addresses("10.0.0.2") });
    expect(asked).toEqual(["A a.internal", "AAAA a.internal", "A b.internal", "AAAA b.internal"]);
    expect(book.backends).toEqual([
      { url: "http://10.0.0.1:8001", weight: 3, priority: 0 },
      { url: "http://10.0.0.2:8002", weight: 5, priority: 1 },
    ]);
  });

  test("a target that comes is asked for before the list changes, and one that goes takes its questions along", () => {
    const book = new DnsBook({ ...SRV, family: "ipv4" });
    answer(book, 0, { [ROOT]: services(service("a.internal", 80)) });
    answer(book, 0, { "A a.internal": addresses("10.0.0.1") });
    expect(urls(book)).toEqual(["http://10.0.0.1"]);
    answer(book, 5000, { [ROOT]: services(service("b.internal", 80)), "A a.internal": addresses("10.0.0.1") });
    expect(book.backends).toBeNull();
    expect(answer(book, 5001, { "A b.internal": addresses("10.0.0.2") })).toEqual(["A b.internal"]);
    expect(urls(book)).toEqual(["http://10.0.0.2"]);
  });

  test("an address and port that two targets have counts once, by the first of them", () => {
    const book = new DnsBook({ ...SRV, family: "ipv4" });
    answer(book, 0, { [ROOT]: services(service("b.internal", 80, 1, 9), service("a.internal", 80, 0, 3)) });
    answer(book, 0, { "A a.internal": addresses("10.0.0.1"), "A b.internal": addresses("10.0.0.1") });
    expect(book.backends).toEqual([{ url: "http://10.0.0.1", weight: 3, priority: 0 }]);
  });

  test("no more targets are asked for than there may be backends", () => {
    const book = new DnsBook({ ...SRV, family: "ipv4", limit: 2 });
    answer(book, 0, { [ROOT]: services(...["a", "b", "c"].map((name) => service(name, 80))) });
    expect(book.due(0)).toHaveLength(2);
  });

  test("certificates are checked against the name that was configured, not against a target's", () => {
    const book = new DnsBook({ ...SRV, scheme: "https", family: "ipv4" });
    answer(book, 0, { [ROOT]: services(service("evil.example", 443)) });
    answer(book, 0, { "A evil.example": addresses("10.6.6.6") });
    expect(book.backends).toMatchObject([{ servername: "api.internal" }]);
  });

  test("a name without services is told", () => {
    const book = new DnsBook(SRV);
    answer(book, 0, {});
    expect(book.backends).toEqual([]);
    expect(book.fault).toBe(`${ROOT}: no such records`);
  });
});

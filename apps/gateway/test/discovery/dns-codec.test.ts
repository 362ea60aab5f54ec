import { forAll } from "@headgate/testing";
import { type Answer, decode, encode, TRUNCATED_RESPONSE } from "dns-packet";
import fc from "fast-check";
import type { DnsQuestion } from "../../src/control/discovery/dns-answer.ts";
import { decodeReply, encodeQuestion } from "../../src/control/discovery/dns-codec.ts";

const A: DnsQuestion = { name: "api.internal", type: "A" };
const SRV: DnsQuestion = { name: "_http._tcp.api.internal.", type: "SRV" };
const ID = 4711;

interface Reply {
  readonly id?: number;
  readonly type?: "query" | "response";
  readonly question?: DnsQuestion;
  /** As in the header: 3 is NXDOMAIN. */
  readonly flags?: number;
}

function reply(answers: Answer[], { id = ID, type = "response", question = A, flags = 0 }: Reply = {}): Buffer {
  return encode({ type, id, flags, questions: [question], answers });
}

const address = (data: string, ttl = 60, name = "api.internal"): Answer => ({ type: "A", name, data, ttl });

test("a question asks for recursion and takes datagrams of up to 1232 bytes", () => {
  const { id, flag_rd, questions, additionals } = decode(encodeQuestion(ID, SRV));
  expect({ id, flag_rd, questions }).toEqual({
    ...{ id: ID, flag_rd: true },
    questions: [{ name: "_http._tcp.api.internal", type: "SRV", class: "IN" }],
  });
  expect(additionals).toMatchObject([{ type: "OPT", udpPayloadSize: 1232 }]);
});

test("addresses come with the shortest TTL, that of an alias included", () => {
  const alias: Answer = { type: "CNAME", name: "api.internal", data: "a.internal", ttl: 7 };
  expect(decodeReply(reply([alias, address("10.0.0.2", 60, "a.internal"), address("10.0.0.1", 30)]), ID, A)).toEqual({
    ...{ kind: "records", addresses: ["10.0.0.2", "10.0.0.1"], services: [], ttl: 7000 },
  });
});

test("IPv6 addresses", () => {
  const question: DnsQuestion = { name: "api.internal", type: "AAAA" };
  const answer: Answer = { type: "AAAA", name: "api.internal", data: "fd00::1", ttl: 1 };
  expect(decodeReply(reply([answer], { question }), ID, question)).toMatchObject({ addresses: ["fd00::1"] });
});

test("services; one that is not offered, or that cannot be asked for, is left out", () => {
  const service = (target: string, port = 8000): Answer => ({
    ...{ type: "SRV", name: "_http._tcp.api.internal", ttl: 5 },
    data: { target, port, priority: 1, weight: 2 },
  });
  const given = [service("."), service("a b.internal"), service(`${"x".repeat(63)}.a`), service("b.internal", 0)];
  expect(decodeReply(reply([service("a.internal"), ...given], { question: SRV }), ID, SRV)).toMatchObject({
    kind: "records",
    ttl: 5000,
    services: [
      { target: "a.internal", port: 8000, priority: 1, weight: 2 },
      { target: `${"x".repeat(63)}.a`, port: 8000 },
    ],
  });
  expect(decodeReply(reply([service(".")], { question: SRV }), ID, SRV)).toMatchObject({ kind: "empty" });
});

test.each([
  ["no records", reply([]), { kind: "empty", reason: "no such records" }],
  ["an alias that leads nowhere", reply([{ type: "CNAME", name: "api.internal", data: "x" }]), { kind: "empty" }],
  ["NXDOMAIN", reply([], { flags: 3 }), { kind: "empty", reason: "no such name" }],
  ["SERVFAIL", reply([], { flags: 2 }), { kind: "failed", reason: "answered SERVFAIL" }],
  ["REFUSED", reply([], { flags: 5 }), { kind: "failed", reason: "answered REFUSED" }],
  ["a cut answer", reply([], { flags: TRUNCATED_RESPONSE }), { kind: "truncated" }],
  ["another id", reply([address("10.6.6.6")], { id: ID + 1 }), { kind: "foreign" }],
  ["another name", reply([address("10.6.6.6")], { question: { name: "evil", type: "A" } }), { kind: "foreign" }],
  ["another type", reply([], { question: { name: "api.internal", type: "SRV" } }), { kind: "foreign" }],
  ["a question", reply([], { type: "query" }), { kind: "foreign" }],
  [
    "the name in capitals",
    reply([address("10.0.0.1")], { question: { name: "API.internal", type: "A" } }),
    { kind: "records" },
  ],
])("%s", (_name, message, expected) => {
  expect(decodeReply(message, ID, A)).toMatchObject(expected);
});

test("whatever comes, it is told and never thrown", () => {
  forAll(fc.uint8Array({ maxLength: 300 }), (bytes) => {
    const { kind } = decodeReply(Buffer.from(bytes), ID, A);
    expect(["failed", "foreign"]).toContain(kind);
  });
  const whole = reply([address("10.0.0.1"), address("10.0.0.2")]);
  forAll(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
    const spoilt = Buffer.from(whole);
    spoilt[at] = byte;
    expect(() => decodeReply(spoilt, ID, A)).not.toThrow();
    expect(() => decodeReply(whole.subarray(0, at), ID, A)).not.toThrow();
  });
});

import { createServer, METHODS } from "node:http";
import { duplexPair } from "node:stream";
import { planTarget, type ReceivedHead, RequestParser } from "@headgate/http";
import fc from "fast-check";
import { settle } from "./support/connections.ts";

// What our parser takes for requests, node's (llhttp, strict) must take for the same: where two readers differ, requests are smuggled.

interface Seen {
  version: string;
  method: string;
  target: string;
  fields: readonly string[];
  content: string;
}

const KNOWN = new Set(METHODS);

/** The whole requests that our parser reads. */
function readByUs(text: string): Seen[] {
  const seen: Seen[] = [];
  let isWhole = false;
  const parser = new RequestParser(
    {
      head: ({ version, method, target, section: { list: fields }, framing }: ReceivedHead) => {
        // The gateway refuses these; behind them nothing is read.
        if (framing.kind === "refuse" || planTarget(method, target, undefined).kind === "refuse") {
          parser.stop();
          return;
        }
        seen.push({ version, method, target, fields, content: "" });
        isWhole = framing.kind === "none" || (framing.kind === "length" && framing.length === 0);
      },
      data: (chunk) => {
        const last = seen.at(-1);
        if (last !== undefined) last.content += chunk.toString("latin1");
      },
      end: () => {
        isWhole = true;
      },
      malformed: () => undefined,
    },
    { maxHead: 4096, methods: KNOWN },
  );
  let rest = Buffer.from(text, "latin1");
  while (rest.length > 0) {
    rest = rest.subarray(parser.execute(rest));
    if (parser.whole) parser.next();
  }
  return isWhole || seen.length === 0 ? seen : seen.slice(0, -1);
}

/**
 * The requests that node's server reads, whole or not.
 * @returns how many of them can be compared, where not all: node knows a grammar of chunk extensions, and we drop whatever stands there
 * up to the end of the line
 */
async function readByNode(text: string): Promise<{ readonly seen: Seen[]; readonly judged: number | null }> {
  const seen: Seen[] = [];
  let judged: number | null = null;
  const server = createServer({ requireHostHeader: false, maxHeaderSize: 4096 }, (request, reply) => {
    const one: Seen = {
      version: request.httpVersion,
      method: request.method ?? "",
      target: request.url ?? "",
      fields: request.rawHeaders,
      content: "",
    };
    seen.push(one);
    request.on("data", (chunk: Buffer) => {
      one.content += chunk.toString("latin1");
    });
    request.on("error", () => undefined);
    reply.end();
  });
  // Its socket stays: with that would go what node has read before and not told yet.
  server.on("clientError", ({ reason }: Error & { reason?: string }) => {
    judged = reason?.includes("chunk extensions") === true ? seen.length - 1 : null;
  });
  // As ours: neither is an answer, and the next request counts.
  for (const event of ["checkContinue", "checkExpectation"])
    server.on(event, (...args) => server.emit("request", ...args));
  const [near, far] = duplexPair();
  near.on("error", () => undefined);
  far.on("error", () => undefined).resume();
  server.emit("connection", near);
  far.write(text, "latin1");
  await settle();
  far.destroy();
  return { seen, judged };
}

const line = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("X-A: 1", "Accept: */*", "Cookie: a=b; c=d", "X-Empty:", "X-Obs: \xe9") },
  fc.constantFrom(
    ...["Content-Length: 5", "Content-Length: 0", "Transfer-Encoding: chunked", "Transfer-Encoding: Chunked"],
    ...["Content-Length : 5", "Content-Length: 5, 5", "Content-Length: +5", "Transfer-Encoding: chunked, chunked"],
    ...[
      "Transfer-Encoding: identity",
      "Transfer-Encoding:\tchunked",
      "Transfer-Encoding: chunked ",
      " folded",
      "Expect: 100-continue",
    ],
    ...[
      "Connection: close",
      "Connection: keep-alive",
      "Upgrade: h2c",
      "Host: b",
      ": empty",
      "no colon",
      "Content-Length:05",
    ],
  ),
);
const message = fc
  .record({
    start: fc.constantFrom(
      "GET / HTTP/1.1",
      "POST /a?b HTTP/1.1",
      "GET / HTTP/1.0",
      "PUT http://a/ HTTP/1.1",
      "DELETE /x HTTP/1.1",
    ),
    lines: fc.array(line, { maxLength: 4 }),
    content: fc.constantFrom(
      "",
      "hello",
      "5\r\nhello\r\n0\r\n\r\n",
      "0\r\n\r\n",
      "5;a=b\r\nhello\r\n00\r\nX: y\r\n\r\n",
      "\r\n",
    ),
  })
  .map(({ start, lines, content }) => `${[start, "Host: a", ...lines].join("\r\n")}\r\n\r\n${content}`);
const damage = fc.array(
  fc.tuple(fc.nat(400), fc.constantFrom("\r", "\n", " ", "\t", "\0", ":", ",", ";", "\r\n", "\x0b", "\x80", "0", "")),
  { maxLength: 3 },
);

test("every request that our parser reads, node's reads as the same, in the same order", async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 3 }), damage, async (messages, wounds) => {
      let text = messages.join("");
      for (const [place, what] of wounds) {
        const where = place % text.length;
        text = text.slice(0, where) + what + text.slice(where + 1);
      }
      const ours = readByUs(text);
      const { seen, judged } = await readByNode(text);
      const theirs = seen.slice(0, judged ?? seen.length);
      compared += ours.length;
      expect(theirs.slice(0, ours.length)).toEqual(ours.slice(0, theirs.length));
      if (judged !== null) return;
      // Node stops at the last request of a connection; what we read behind one is not served either.
      const last = ours.findIndex(isLast);
      expect(theirs.length).toBeGreaterThanOrEqual(last < 0 ? ours.length : last + 1);
    }),
    { numRuns: 1000 },
  );
  expect(compared).toBeGreaterThan(200);
});

/** Whether the connection may end with this request. */
function isLast({ version, fields }: Seen): boolean {
  if (version === "1.0") return true;
  return fields.some(
    (value, index) => index % 2 === 1 && fields[index - 1]?.toLowerCase() === "connection" && value === "close",
  );
}

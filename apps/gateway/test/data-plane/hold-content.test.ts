import { createHash } from "node:crypto";
import { holdContent } from "../../src/caching/hold-content.ts";
import type { ClientBody } from "../../src/downstream/client-body.ts";
import { recordingOf, ScriptedSource } from "./support/bodies.ts";
import { aGeneration, anExchange } from "./support/exchanges.ts";

class Content extends ScriptedSource {
  readonly length: number | null;
  constructor(length: number | null) {
    super();
    this.length = length;
  }
}

const generation = aGeneration({ config: { limits: { replay: 8, responseBuffer: 1024 } } });
const digestOf = (text: string): string => createHash("sha256").update(text).digest("base64");

function exchangeWith(content: Content | null) {
  const exchange = anExchange({ method: "QUERY", body: content as unknown as ClientBody | null, generation });
  return { exchange, digest: holdContent(exchange) };
}

test.each([6, null])("content within the limit is held whole (announced: %s)", async (length) => {
  const content = new Content(length);
  const { exchange, digest } = exchangeWith(content);
  content.push("abc");
  content.push("def");
  content.end();
  expect(await digest).toBe(digestOf("abcdef"));
  expect(exchange.content?.toString()).toBe("abcdef");
});

test("no content has a digest too", async () => {
  const { exchange, digest } = exchangeWith(null);
  expect(await digest).toBe(digestOf(""));
  expect(exchange.content).toBeNull();
});

test("what is announced as too long is not touched", async () => {
  const content = new Content(9);
  const { exchange, digest } = exchangeWith(content);
  expect(await digest).toBeUndefined();
  expect(content.sink).toBeNull();
  expect(exchange.upload).toBe(content);
});

test("what turns out too long goes upstream from its first byte", async () => {
  const content = new Content(null);
  const { exchange, digest } = exchangeWith(content);
  content.push("abcd");
  content.push("efghi");
  expect(await digest).toBeUndefined();
  expect(exchange.content).toBeNull();
  expect(exchange.upload?.length).toBeNull();
  if (exchange.upload === null) throw new Error("there is nothing to send on");
  const sent = recordingOf(exchange.upload);
  content.push("jk");
  content.end();
  expect([sent.text, sent.ended]).toEqual(["abcdefghijk", true]);
});

test("content that breaks off is an error", async () => {
  const content = new Content(null);
  const { digest } = exchangeWith(content);
  content.push("abc");
  content.fail(new Error("gone"));
  await expect(digest).rejects.toThrow("gone");
});

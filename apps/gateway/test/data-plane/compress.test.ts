import { brotliDecompressSync, gunzipSync, gzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { getField, getFields } from "@headgate/http";
import { isSource } from "../../src/body.ts";
import { WholeBodyEncoder } from "../../src/compression/whole-body-encoder.ts";
import type { Exchange } from "../../src/exchange.ts";
import type { GatewayResponse, ResponseSource } from "../../src/gateway-response.ts";
import { compress } from "../../src/layers/compress.ts";
import { recordingOf, ScriptedSource } from "./support/bodies.ts";
import { aGeneration, aResponse, aRoute, aRoutedExchange, type ExchangeChanges } from "./support/exchanges.ts";

const TEXT = "All that flows downstream passes the gate. ".repeat(100);
const PLAIN = ["Content-Type", "text/plain"];

function accepting(encodings: string, changes: ExchangeChanges = {}): Exchange {
  return aRoutedExchange({ fields: ["Accept-Encoding", encodings], ...changes });
}

async function leaving(exchange: Exchange, changes: Partial<GatewayResponse>): Promise<GatewayResponse> {
  const response = aResponse({ fields: [...PLAIN], ...changes });
  return (await compress({ encoder: new WholeBodyEncoder(0) }).leave?.(exchange, response)) ?? response;
}

/** The response of one whole text for a client that accepts gzip. */
const whole = (fields: string[] = PLAIN): Promise<GatewayResponse> =>
  leaving(accepting("gzip"), { body: Buffer.from(TEXT), fields: [...fields] });

test.each<[string, (bytes: Buffer) => Buffer]>([
  ["br", (bytes) => brotliDecompressSync(bytes)],
  ["gzip", (bytes) => gunzipSync(bytes)],
  ["deflate", (bytes) => inflateSync(bytes)],
  ["zstd", (bytes) => zstdDecompressSync(bytes)],
])("a whole body goes out in %s, and says so", async (coding, decode) => {
  const exchange = accepting(coding);
  const fields = [...PLAIN, "Content-Length", String(TEXT.length)];
  const { body, fields: told } = await leaving(exchange, { body: Buffer.from(TEXT), fields });
  expect(String(decode(body as Buffer))).toBe(TEXT);
  expect([getField(told, "content-encoding"), getField(told, "vary")]).toEqual([coding, "Accept-Encoding"]);
  expect(getField(told, "content-length")).toBeUndefined();
  expect(exchange.record).toMatchObject({ encoding: coding, bodyBytes: TEXT.length });
});

test("a body that still comes is encoded as it comes, and counted as it was", async () => {
  const source = new ScriptedSource();
  const exchange = accepting("gzip");
  const { body, fields } = await leaving(exchange, { body: source });
  if (!isSource(body)) throw new Error("expected a source");
  expect([source.sink, getField(fields, "content-encoding")]).toEqual([null, "gzip"]);
  const sink = recordingOf(body);
  source.push(TEXT);
  source.end();
  await sink.whenOver();
  expect(String(gunzipSync(sink.bytes))).toBe(TEXT);
  expect(exchange.record).toMatchObject({ encoding: "gzip", bodyBytes: TEXT.length });
});

test("a body that still comes and is told to be small goes out as it is", async () => {
  const source = new ScriptedSource();
  const fields = [...PLAIN, "Content-Length", "100"];
  const response = await leaving(accepting("gzip"), { body: source, fields });
  expect([response.body, getField(response.fields, "content-encoding")]).toEqual([source, undefined]);
});

describe("the fields", () => {
  test.each<[string, string]>([
    ['"a"', 'W/"a"'],
    ['W/"a"', 'W/"a"'],
  ])("the entity-tag %s becomes %s: the bytes are others", async (etag, expected) => {
    expect(getFields((await whole([...PLAIN, "ETag", etag])).fields, "etag")).toEqual([expected]);
  });

  test.each<[string[], string]>([
    [[], "Accept-Encoding"],
    [["Vary", "Origin"], "Origin, Accept-Encoding"],
    [["Vary", "Origin", "vary", "Cookie"], "Origin, Cookie, Accept-Encoding"],
    [["Vary", "accept-encoding"], "accept-encoding"],
    [["Vary", "Origin,Accept-Encoding"], "Origin,Accept-Encoding"],
    [["Vary", "X-Accept-Encoding"], "X-Accept-Encoding, Accept-Encoding"],
    [["Vary", "*"], "*"],
    [["Vary", ""], "Accept-Encoding"],
  ])("%j becomes Vary: %s", async (vary, expected) => {
    const { fields } = await whole([...PLAIN, ...vary]);
    expect(getFields(fields, "vary").join(", ")).toBe(expected);
  });

  test.each(["Content-Length", "Content-MD5", "Content-Digest", "Repr-Digest", "Digest", "Accept-Ranges"])(
    "%s speaks of the bytes as they were, and goes",
    async (name) => {
      const { fields } = await whole([...PLAIN, name, "x", name.toLowerCase(), "y"]);
      expect(getFields(fields, name.toLowerCase())).toEqual([]);
    },
  );

  test("a client that takes no coding gets the same with Vary, so that caches keep it apart", async () => {
    const fields = [...PLAIN, "ETag", '"a"', "Content-Length", String(TEXT.length)];
    const response = await leaving(accepting("identity"), { body: Buffer.from(TEXT), fields: [...fields] });
    expect(response.fields).toEqual([...fields, "Vary", "Accept-Encoding"]);
    expect(String(response.body)).toBe(TEXT);
  });

  test("what nobody would get encoded stays untouched", async () => {
    const fields = ["Content-Type", "image/png", "ETag", '"a"'];
    const response = await leaving(accepting("gzip"), { body: Buffer.from(TEXT), fields: [...fields] });
    expect(response.fields).toEqual(fields);
  });
});

describe("HEAD", () => {
  const head = (fields: string[]): Promise<GatewayResponse> =>
    leaving(accepting("gzip", { method: "HEAD" }), { body: null, fields });

  test("says what GET would say, without a body", async () => {
    const { fields, body } = await head([...PLAIN, "Content-Length", "5000", "ETag", '"a"']);
    expect(body).toBeNull();
    expect(fields).toEqual([...PLAIN, "ETag", 'W/"a"', "Content-Encoding", "gzip", "Vary", "Accept-Encoding"]);
  });

  test("says it of what is small, and of what is streamed", async () => {
    expect((await head([...PLAIN, "Content-Length", "10"])).fields).toEqual([...PLAIN, "Content-Length", "10"]);
    expect(getField((await head([...PLAIN])).fields, "content-encoding")).toBe("gzip");
  });
});

test("an empty response to GET is not encoded", async () => {
  const { fields, body } = await leaving(accepting("gzip"), { body: null });
  expect([fields, body]).toEqual([PLAIN, null]);
});

test("a route without compression, and an upgrade, are left alone", async () => {
  const off = accepting("gzip", { generation: aGeneration({ routes: [aRoute({ compression: false })] }) });
  const response = await leaving(off, { body: Buffer.from(TEXT) });
  expect([response.fields, String(response.body)]).toEqual([PLAIN, TEXT]);
  const upgraded = await leaving(accepting("gzip"), { tunnel: {} as never, body: Buffer.from(TEXT) });
  expect(upgraded.fields).toEqual(PLAIN);
  const unrouted = accepting("gzip");
  unrouted.route = null;
  expect((await leaving(unrouted, { body: Buffer.from(TEXT) })).fields).toEqual(PLAIN);
});

test("the least size and the codings are the config's", async () => {
  const generation = aGeneration({ config: { compression: { minimum: 10, encodings: ["gzip"] } } });
  const exchange = accepting("br, gzip", { generation });
  const { fields } = await leaving(exchange, { body: Buffer.from("0123456789") });
  expect(getField(fields, "content-encoding")).toBe("gzip");
});

describe("a stored response", () => {
  const levels = { br: 4, zstd: 3, gzip: 6 };
  /** More than is encoded at once. */
  const LARGE = TEXT.repeat(3);

  test("is encoded once for hits that come together, and answers later ones at once", async () => {
    const encoder = new WholeBodyEncoder(1_000_000);
    const body = Buffer.from(LARGE);
    const [first, second] = await Promise.all([
      encoder.encodeStored(body, "gzip", levels),
      encoder.encodeStored(body, "gzip", levels),
    ]);
    expect(second).toBe(first);
    expect(encoder.encodeStored(body, "gzip", levels)).toBe(first);
    expect(String(gunzipSync(first))).toBe(LARGE);
  });

  test("has an encoded form of its own in each coding", async () => {
    const encoder = new WholeBodyEncoder(1_000_000);
    const body = Buffer.from(LARGE);
    const [packed, squeezed] = await Promise.all([
      encoder.encodeStored(body, "gzip", levels),
      encoder.encodeStored(body, "br", levels),
    ]);
    expect([String(gunzipSync(packed)), String(brotliDecompressSync(squeezed))]).toEqual([LARGE, LARGE]);
  });

  test("leaves the layer without a wait once it is encoded; one from upstream never does", async () => {
    const encoder = new WholeBodyEncoder(1_000_000);
    const layer = compress({ encoder });
    const body = Buffer.from(LARGE);
    const leave = (source: "cache" | "upstream") =>
      layer.leave?.(accepting("gzip"), aResponse({ fields: [...PLAIN], body, source }));
    await leave("cache");
    const [hit, fetched] = [leave("cache"), leave("upstream")];
    expect(hit).toMatchObject({ source: "cache", body: expect.any(Buffer) });
    expect(fetched).not.toHaveProperty("body");
    expect(await fetched).toMatchObject({ source: "upstream" });
  });

  test("is encoded at once where it is small, and kept", () => {
    const encoder = new WholeBodyEncoder(1_000_000);
    const body = Buffer.from(TEXT);
    const first = encoder.encodeStored(body, "gzip", levels);
    expect(String(gunzipSync(first as Buffer))).toBe(TEXT);
    expect(encoder.encodeStored(body, "gzip", levels)).toBe(first);
  });

  test.each<[ResponseSource, number, number]>([
    ["cache", 1_000_000, 9],
    ["cache", 0, 1],
    ["upstream", 1_000_000, 1],
  ])("from %s with %d bytes of memory is encoded with level %d", async (source, memory, level) => {
    const compression = { memory, levels: { gzip: 1 }, stored: { gzip: 9 } };
    const generation = aGeneration({ config: { compression } });
    const words = Array.from({ length: 800 }, (_, at) => `word ${(at * 7919) % 613}`).join(" ");
    const { body } = await leaving(accepting("gzip", { generation }), { body: Buffer.from(words), source });
    expect((body as Buffer).length).toBe(gzipSync(words, { level }).length);
    expect(gzipSync(words, { level: 1 }).length).not.toBe(gzipSync(words, { level: 9 }).length);
  });
});

import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress, gunzipSync } from "node:zlib";
import { exchange, RawClient } from "./support/raw-client.ts";
import { fieldOf } from "./support/raw-reader.ts";
import type { Turn } from "./support/routed-backend.ts";
import { settled, stage } from "./support/stage.ts";

const here = stage();

const DECODERS = {
  gzip: createGunzip,
  br: createBrotliDecompress,
  deflate: createInflate,
  zstd: createZstdDecompress,
} as const;
type Coding = keyof typeof DECODERS;
const codings = Object.keys(DECODERS) as Coding[];

async function open(path: string, fields: string): Promise<[RawClient, Turn]> {
  const turn = here.backend.turn(path);
  const client = await RawClient.open(here.gateway.http);
  client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`);
  return [client, await turn];
}

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

/** Decodes each chunk as it comes, as a browser does. */
class Decoding {
  #text = "";
  #wake: () => void = () => undefined;

  constructor(client: RawClient, coding: Coding) {
    const decoder = DECODERS[coding]();
    decoder.on("data", (bytes: Buffer) => {
      this.#text += bytes.toString();
      this.#wake();
    });
    const pump = async (): Promise<void> => {
      for (let chunk = await client.readChunk(); chunk !== ""; chunk = await client.readChunk())
        decoder.write(Buffer.from(chunk, "latin1"));
    };
    // A connection that breaks off is seen by whoever waits for text that does not come.
    pump().catch(() => undefined);
  }

  /** Resolves when `text` has come out. */
  async until(text: string): Promise<void> {
    while (!this.#text.includes(text)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

describe.each(codings)("a slow text in chunks, compressed by %s", (coding) => {
  test.each(["no-store", "max-age=60"])("arrives piece by piece (%s)", async (control) => {
    const [client, { connection, done }] = await open(`/slow-${coding}-${control}`, `Accept-Encoding: ${coding}\r\n`);
    connection.send(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: ${control}\r\n`);
    connection.send(`Transfer-Encoding: chunked\r\n\r\n${chunk("the first piece, ")}`);
    const head = await client.readHead();
    expect(fieldOf(head, "content-encoding")).toBe(coding);
    expect(fieldOf(head, "content-length")).toBeUndefined();
    expect(fieldOf(head, "vary")).toBe("Accept-Encoding");
    const decoding = new Decoding(client, coding);
    await decoding.until("the first piece, ");
    connection.send(chunk("the second piece, "));
    await decoding.until("the second piece, ");
    connection.send(chunk("the third piece"));
    await decoding.until("the third piece");
    connection.send("0\r\n\r\n");
    done();
    client.socket.destroy();
    await settled(here.gateway);
  });
});

test("a stream ends its coding, so that the whole can be read", async () => {
  const text = "0123456789abcdef".repeat(10_000);
  here.backend.at("/whole", (_head, connection) => {
    connection.send(
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    for (let i = 0; i < text.length; i += 16_000) connection.send(chunk(text.slice(i, i + 16_000)));
    connection.send("0\r\n\r\n");
  });
  const { head, body } = await exchange(
    here.gateway.http,
    "GET /whole HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n",
  );
  expect(fieldOf(head, "content-encoding")).toBe("gzip");
  expect(gunzipSync(Buffer.from(body, "latin1")).toString() === text).toBe(true);
});

describe("is passed on as it is", () => {
  test.each([
    ["what is encoded already", "Content-Encoding: gzip\r\nContent-Type: text/plain\r\n"],
    ["no-transform", "Cache-Control: no-transform\r\nContent-Type: text/plain\r\n"],
    ["a part of a whole", "Content-Range: bytes 0-4999/10000\r\nContent-Type: text/plain\r\n"],
    ["what is no text", "Content-Type: image/png\r\n"],
    ["what is small", "Content-Type: text/plain\r\nX-Size: 1000\r\n"],
  ])("%s", async (what, fields) => {
    const path = `/as-is-${what.replaceAll(" ", "-")}`;
    const body = "x".repeat(Number(/X-Size: (\d+)/.exec(fields)?.[1] ?? 5000));
    const status = fields.includes("Content-Range") ? "206 Partial Content" : "200 OK";
    here.backend.at(path, (_head, connection) => connection.reply(body, fields, status));
    const request = `GET ${path} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br, gzip\r\n\r\n`;
    const response = await exchange(here.gateway.http, request);
    expect(response.body === body).toBe(true);
    expect(fieldOf(response.head, "content-length")).toBe(String(body.length));
    expect(fieldOf(response.head, "content-encoding")).toBe(what === "what is encoded already" ? "gzip" : undefined);
  });
});

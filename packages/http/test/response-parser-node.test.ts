import { type IncomingMessage, request } from "node:http";
import { Duplex } from "node:stream";
import * as fc from "fast-check";
import { aResponse, type Told, tellingOf, toldOf } from "./support/responses.ts";

// Node's own parser (llhttp) reads the same bytes, over a connection in memory: what we take for a response it takes for the
// same one. It may take more: some of it leniently, and it goes on where we refuse.

interface NodeTold {
  status: number;
  fields: readonly string[];
  body: string;
  trailers: readonly string[];
}

/** What node reads of these bytes; null where it refuses them. */
function nodeToldOf(bytes: string): Promise<NodeTold | null> {
  return new Promise((resolve) => {
    const connection = new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => done(),
    });
    const asked = request({ host: "a", createConnection: () => connection });
    asked.on("error", () => resolve(null));
    asked.on("response", (response: IncomingMessage) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString("latin1");
      });
      response.on("error", () => resolve(null));
      response.on("end", () => {
        const { statusCode = 0, rawHeaders, rawTrailers } = response;
        resolve({ status: statusCode, fields: rawHeaders, body, trailers: rawTrailers });
      });
    });
    asked.end();
    setImmediate(() => {
      connection.push(Buffer.from(bytes, "latin1"));
      connection.push(null);
    });
  });
}

function asNodeTells({ status, fields, body, trailers }: Told): NodeTold {
  return { status, fields, body, trailers: trailers ?? [] };
}

test("what a server writes is read by both in the same way", async () => {
  await fc.assert(
    fc.asyncProperty(aResponse, async ({ bytes }) => {
      expect(await nodeToldOf(bytes)).toEqual(asNodeTells(toldOf(bytes)));
    }),
    { numRuns: 100 },
  );
});

test("of bytes that were changed we take none for a response that node refuses or reads otherwise", async () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(aResponse, changes, async (response, edits) => {
      const octets = Buffer.from(response.bytes, "latin1");
      for (const [at, octet] of edits) octets[at % octets.length] = octet;
      const bytes = octets.toString("latin1");
      const { parser, told } = tellingOf();
      const read = parser.execute(octets);
      parser.finish();
      // Node refuses a response for what stands behind it; ours is over by then, and its connection with it.
      if (told.ended && read === octets.length) expect(await nodeToldOf(bytes)).toEqual(asNodeTells(told));
    }),
    { numRuns: 300 },
  );
});

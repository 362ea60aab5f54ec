import { Fact, type FieldList, getField, joinField, removeField, setField, weaken } from "@headgate/http";
import { isSource } from "../body.ts";
import type { Coding } from "../compression/codec.ts";
import { EncodedBody, type Encoding } from "../compression/encoded-body.ts";
import { planCompression } from "../compression/plan-compression.ts";
import type { WholeBodyEncoder } from "../compression/whole-body-encoder.ts";
import type { Exchange } from "../exchange.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import type { Layer } from "../layer.ts";

const ACCEPT_ENCODING: Fact<string | null> = new Fact((fields) => joinField(fields, "accept-encoding") ?? null);

/** Encodes responses for clients that take it; whole bodies at once, streams as they come. */
export function compress({ encoder }: { readonly encoder: WholeBodyEncoder }): Layer {
  return {
    name: "compress",
    leave(exchange, response) {
      if (exchange.route?.compression !== true || response.tunnel !== undefined) return response;
      const { compression } = exchange.generation.config;
      const length = lengthOf(response, exchange.head.method);
      const plan = planCompression({
        status: response.status,
        fields: response.fields,
        acceptEncoding: exchange.head.section.of(ACCEPT_ENCODING) ?? undefined,
        length,
        minimum: compression.minimum,
        encodings: compression.encodings,
      });
      if (plan.kind === "pass") {
        if (plan.varies) varyByEncoding(response.fields);
        return response;
      }
      const isKept = response.source === "cache" && compression.memory > 0;
      const levels = isKept ? compression.stored : compression.levels;
      return encode(exchange, response, { coding: plan.coding, levels, length }, encoder);
    },
  };
}

function lengthOf({ body, fields }: GatewayResponse, method: string): number | null {
  if (body !== null && !isSource(body)) return body.length;
  const told = getField(fields, "content-length");
  if (told !== undefined) return Number(told);
  return body === null && method !== "HEAD" ? 0 : null;
}

function encode(
  exchange: Exchange,
  response: GatewayResponse,
  encoding: Encoding,
  encoder: WholeBodyEncoder,
): GatewayResponse | Promise<GatewayResponse> {
  const { fields, body, source } = response;
  const { record } = exchange;
  const { coding, levels } = encoding;
  tellEncoding(fields, coding);
  record.encoding = coding;
  // HEAD: what GET would say, without doing it.
  if (body === null) return response;
  if (isSource(body)) {
    response.body = new EncodedBody(body, encoding, (before) => {
      record.bodyBytes += before;
    });
    return response;
  }
  record.bodyBytes = body.length;
  const encoded =
    source === "cache" ? encoder.encodeStored(body, coding, levels) : encoder.encode(body, coding, levels);
  if (Buffer.isBuffer(encoded)) return withBody(response, encoded);
  return encoded.then((bytes) => withBody(response, bytes));
}

function withBody(response: GatewayResponse, body: Buffer): GatewayResponse {
  response.body = body;
  return response;
}

/** What speaks of the bytes as they were: their number, digests (RFC 9530) and parts. */
const OF_THE_BYTES = ["content-length", "content-md5", "content-digest", "repr-digest", "digest", "accept-ranges"];

function tellEncoding(fields: FieldList, coding: Coding): void {
  for (const name of OF_THE_BYTES) removeField(fields, name);
  setField(fields, "Content-Encoding", coding);
  const etag = getField(fields, "etag");
  if (etag !== undefined) setField(fields, "ETag", weaken(etag));
  varyByEncoding(fields);
}

function varyByEncoding(fields: FieldList): void {
  const vary = joinField(fields, "vary");
  if (vary === undefined || vary === "") setField(fields, "Vary", "Accept-Encoding");
  else if (!/(?:^|[,\s])(?:\*|accept-encoding)(?:$|[,\s])/i.test(vary))
    setField(fields, "Vary", `${vary}, Accept-Encoding`);
}

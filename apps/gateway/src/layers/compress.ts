import { promisify } from "node:util";
import { brotliCompress, constants, deflate, gzip, zstdCompress } from "node:zlib";
import { type FieldList, getField, joinField, removeField, setField, weaken } from "@headgate/http";
import { isSource } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import type { Layer } from "../layer.ts";
import { type CompressionLevels, EncodedBody } from "./encoded-body.ts";
import { type Coding, planCompression } from "./plan-compression.ts";

const brotliAsync = promisify(brotliCompress);
const zstdAsync = promisify(zstdCompress);
const gzipAsync = promisify(gzip);
const deflateAsync = promisify(deflate);

/** Encodes responses for clients that take it; whole bodies at once, streams as they come. */
export function compress(): Layer {
  return {
    name: "compress",
    leave(exchange, response) {
      if (exchange.route?.compression !== true || response.tunnel !== undefined) return response;
      const { compression } = exchange.generation.config;
      const length = lengthOf(response, exchange.head.method);
      const plan = planCompression({
        status: response.status,
        fields: response.fields,
        acceptEncoding: joinField(exchange.head.fields, "accept-encoding"),
        length,
        minimum: compression.minimum,
        encodings: compression.encodings,
      });
      if (plan.kind === "pass") {
        if (plan.varies) varyByEncoding(response.fields);
        return response;
      }
      return encode(exchange, response, plan.coding, compression.levels, length);
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
  coding: Coding,
  levels: CompressionLevels,
  length: number | null,
): GatewayResponse | Promise<GatewayResponse> {
  const { fields, body } = response;
  const { record } = exchange;
  tellEncoding(fields, coding);
  record.encoding = coding;
  // HEAD: what GET would say, without doing it.
  if (body === null) return response;
  if (isSource(body)) {
    response.body = new EncodedBody(body, coding, levels, length, (before) => {
      record.bodyBytes += before;
    });
    return response;
  }
  record.bodyBytes = body.length;
  return encodeWhole(body, coding, levels).then((encoded) => {
    response.body = encoded;
    return response;
  });
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

function encodeWhole(body: Buffer, coding: Coding, levels: CompressionLevels): Promise<Buffer> {
  switch (coding) {
    case "br":
      return brotliAsync(body, {
        params: { [constants.BROTLI_PARAM_QUALITY]: levels.br, [constants.BROTLI_PARAM_SIZE_HINT]: body.length },
      });
    case "zstd":
      return zstdAsync(body, { params: { [constants.ZSTD_c_compressionLevel]: levels.zstd } });
    case "gzip":
      return gzipAsync(body, { level: levels.gzip });
    case "deflate":
      return deflateAsync(body, { level: levels.gzip });
  }
}

import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";

/** A response over HTTP/2. */
export interface H2Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: IncomingHttpHeaders;
}

/** One HTTP/2 connection to a gateway whose certificate nobody has signed. */
export async function connectH2(port: number): Promise<ClientHttp2Session> {
  const session = connect(`https://localhost:${port}`, { rejectUnauthorized: false });
  session.on("error", () => undefined);
  await once(session, "connect");
  return session;
}

/** Sends a request with a body and reads the whole response; rejects where its stream is reset. */
export async function askH2(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: string,
): Promise<H2Response> {
  const stream = session.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  return readH2(stream);
}

/** Reads the whole response of a stream. */
export async function readH2(stream: ClientHttp2Stream): Promise<H2Response> {
  let trailers: IncomingHttpHeaders = {};
  stream.on("trailers", (fields: IncomingHttpHeaders) => (trailers = fields));
  const [headers] = (await once(stream, "response")) as [IncomingHttpHeaders & { ":status"?: number }];
  let body = "";
  for await (const chunk of stream) body += (chunk as Buffer).toString("latin1");
  return { status: headers[":status"] ?? 0, headers, body, trailers };
}

/** How a stream ends: the code of its reset, 0 for none. */
export async function endOfH2(stream: ClientHttp2Stream): Promise<number> {
  stream.on("error", () => undefined);
  stream.resume();
  if (!stream.destroyed) await new Promise((resolve) => stream.on("close", resolve));
  return stream.rstCode;
}

import { Agent, request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";

/** A response, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The bytes as they came, encoded where they were. */
  readonly bytes: Buffer;
  readonly text: string;
}

export interface AskOptions extends Pick<RequestOptions, "agent" | "ca" | "cert" | "key" | "servername"> {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  readonly signal?: AbortSignal;
}

/** Sends one request, by default on a connection of its own. Certificates are checked only against a `ca` that is given. */
export function ask(url: string, options: AskOptions = {}): Promise<Answer> {
  const { body, ...rest } = options;
  // Node tells no length of a DELETE's content by itself.
  const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
  const headers = { ...length, ...rest.headers };
  const send = url.startsWith("https:") ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      { agent: false, rejectUnauthorized: rest.ca !== undefined, ...rest, headers },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const bytes = Buffer.concat(chunks);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text: bytes.toString() });
        });
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

/** As `ask`, for a JSON body; the value that the answer holds is beside it. */
export async function askJson(
  url: string,
  method = "GET",
  value?: unknown,
  headers: OutgoingHttpHeaders = {},
): Promise<Answer & { readonly json: unknown }> {
  const content = value === undefined ? {} : { "Content-Type": "application/json" };
  const answer = await ask(url, {
    method,
    headers: { ...content, ...headers },
    ...(value === undefined ? {} : { body: JSON.stringify(value) }),
  });
  return { ...answer, json: answer.text === "" ? undefined : JSON.parse(answer.text) };
}

/** An agent that keeps its connections, as browsers and services do. */
export function keptConnections(): Agent {
  return new Agent({ keepAlive: true });
}

import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { REQUEST_FIELDS } from "./request-fields.ts";
import type { Scenario } from "./scenarios.ts";

/** What one request was answered with. */
export interface Answer {
  readonly status: number;
  /** Bytes of the body. */
  readonly length: number;
  /** A number that the origin gives to each of its answers to cacheable requests; a copy has its original's. */
  readonly originRequest: string | undefined;
}

/** Sends one request of a scenario on a connection of its own. Rejects where there is no whole answer. */
export function probe(port: number, { path, tls, upload }: Pick<Scenario, "path" | "tls" | "upload">): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = (tls ? httpsRequest : httpRequest)({
      ...{ host: "127.0.0.1", port, path, method: upload > 0 ? "POST" : "GET", headers: { ...REQUEST_FIELDS } },
      ...{ agent: false, timeout: 3000, rejectUnauthorized: false },
    });
    request.on("timeout", () => request.destroy(new Error("no answer within 3 s")));
    request.on("error", reject);
    request.on("response", (response) => {
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
      });
      response.on("error", reject);
      response.on("end", () => {
        const origin = response.headers["x-origin-request"];
        const originRequest = typeof origin === "string" ? origin : undefined;
        resolve({ status: response.statusCode ?? 0, length, originRequest });
      });
    });
    request.end(upload > 0 ? Buffer.alloc(upload, "0123456789") : undefined);
  });
}

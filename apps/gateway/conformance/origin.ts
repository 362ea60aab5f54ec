import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Suite } from "./suite.ts";

export interface ConformanceOrigin {
  readonly port: number;
  close(): void;
}

/** The suite's origin on loopback; its own server listens on every address. */
export async function startOrigin({ origin }: Pick<Suite, "origin">): Promise<ConformanceOrigin> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://origin");
    const [what = "", ...segments] = pathname.slice(1).split("/");
    if (what !== "config" && what !== "test" && what !== "state") response.writeHead(404).end();
    else origin[what](segments, request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

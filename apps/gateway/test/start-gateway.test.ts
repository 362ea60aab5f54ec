import { once } from "node:events";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { createOwnDataPlane } from "../src/cli/data-plane.ts";
import { type Gateway, type GatewayParts, openGateway } from "../src/cli/gateway.ts";
import type { ConfigInput } from "../src/config/schema.ts";
import { UserError } from "../src/errors.ts";
import { createLogger } from "../src/observability/log.ts";
import { snapshot } from "./control-support.ts";

const HOST = "127.0.0.1";

function parts(input: ConfigInput): GatewayParts & { readonly lines: string[] } {
  const lines: string[] = [];
  const load = { cwd: "/", env: {}, now: Date.now };
  return {
    loaded: { snapshot: snapshot(input), warnings: [], file: undefined, source: undefined, overrides: [], files: [] },
    load,
    time: {
      clock: { now: Date.now, tick: () => performance.now() },
      schedule(run, ms) {
        const timer = setTimeout(run, ms).unref();
        return () => clearTimeout(timer);
      },
      random: Math.random,
    },
    newId: () => "id",
    secret: "secret",
    version: "1.2.3",
    logger: createLogger({ destination: { write: (line) => void lines.push(line) } }),
    accessLog: null,
    destination: { write: (line) => void lines.push(line) },
    debug: false,
    createDataPlane: createOwnDataPlane,
    lines,
  };
}

const quiet: ConfigInput = {
  listeners: [{ port: 0, host: HOST }],
  admin: { port: 0 },
  pools: { default: { backends: [] } },
};

async function ask(url: string): Promise<{ status: number | undefined; body: string }> {
  const [response] = await once(get(url, { agent: false }), "response");
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) body += chunk;
  return { status: response.statusCode, body };
}

const urlOf = ({ bound }: Gateway): string => `http://${HOST}:${bound[0]?.port}/`;

test("opens the data plane and the admin listener, and closes both", async () => {
  const backend = createServer((_, response) => response.end("from the backend")).listen(0, HOST);
  await once(backend, "listening");
  const url = `http://${HOST}:${(backend.address() as AddressInfo).port}`;
  const gateway = await openGateway(
    parts({ ...quiet, pools: { default: { backends: [url] } }, routes: [{ auth: "none", cache: false }] }),
  );
  expect(await ask(urlOf(gateway))).toEqual({ status: 200, body: "from the backend" });
  expect(gateway.live().requests).toBe(1);
  expect((await ask(`${gateway.adminUrl}/readyz`)).status).toBe(200);
  expect((await ask(`${gateway.adminUrl}/metrics`)).body).toContain('headgate_build_info{version="1.2.3"} 1');
  await gateway.stop("test");
  await expect(ask(urlOf(gateway))).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await expect(ask(`${gateway.adminUrl}/livez`)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await new Promise((resolve) => backend.close(resolve));
});

test("runs without an admin listener and without a cache", async () => {
  const gateway = await openGateway(parts({ ...quiet, admin: false, cache: { entries: 0 } }));
  expect(gateway.adminUrl).toBeNull();
  expect((await ask(urlOf(gateway))).status).toBe(401);
  await gateway.stop("test");
});

test("where one port is in use, nothing is left open", async () => {
  const other = createServer().listen(0, HOST);
  await once(other, "listening");
  const taken = (other.address() as AddressInfo).port;
  const free = createServer().listen(0, HOST);
  await once(free, "listening");
  const { port } = free.address() as AddressInfo;
  await new Promise((resolve) => free.close(resolve));
  const listeners = [{ port, host: HOST }];
  await expect(openGateway(parts({ ...quiet, listeners, admin: { port: taken } }))).rejects.toThrow(UserError);
  const both = [...listeners, { port: taken, host: HOST }];
  await expect(openGateway(parts({ ...quiet, listeners: both }))).rejects.toThrow("listeners[1].port");
  const again = createServer().listen(port, HOST);
  await once(again, "listening");
  await Promise.all([other, again].map((server) => new Promise((resolve) => server.close(resolve))));
});

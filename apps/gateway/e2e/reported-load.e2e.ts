import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { LedgerBackend } from "./support/ledger-backend.ts";
import { type Answering, startPlainBackend } from "./support/plain-backend.ts";
import { scenes } from "./support/scene.ts";

const scene = scenes();

const load = (cpu: number) => ({
  fields: { "Endpoint-Load-Metrics": `TEXT cpu_utilization=${cpu}` },
  healthBody: JSON.stringify({ status: "ok", load: { cpu } }),
});

/** What load-aware balancing makes of first reports: they count after so long, ms. */
const BLACKOUT = 10_000;

test("a backend that reports a high load, by a field of its answers or in its health check, gets less", async () => {
  const backends = await scene.backends(4, { moment: 1, healthBody: JSON.stringify({ status: "ok" }) });
  const [calm, busy, calmToo, busyToo] = backends as [LedgerBackend, LedgerBackend, LedgerBackend, LedgerBackend];
  await calm.behave({ fields: load(0.1).fields });
  await busy.behave({ fields: load(0.9).fields });
  await calmToo.behave({ healthBody: load(0.1).healthBody });
  await busyToo.behave({ healthBody: load(0.9).healthBody });
  const pool = (...of: LedgerBackend[]) => ({ backends: of.map(({ id }) => `http://${id}`), balancing: "load-aware" });
  const pools = { field: pool(calm, busy), check: pool(calmToo, busyToo) };
  const routes = Object.keys(pools).map((name) => ({ path: `/${name}`, pool: name, auth: "none" as const }));
  await scene.startPools(pools, { routes });
  const first = await scene.ask("/field");
  expect(first.headers["endpoint-load-metrics"]).toBeUndefined();
  const began = performance.now();
  const running = scene.load(
    (id) => ({ method: "GET", path: Number(id.slice(3)) % 2 === 0 ? "/field" : "/check" }),
    100,
  );
  while (performance.now() - began < BLACKOUT + 1500) await running.goesOn(10);
  const known = running.outcomes.length;
  await running.goesOn(200);
  await running.stop();
  expect(running.failures).toEqual([]);
  const since = running.outcomes.slice(known);
  const served = ({ id }: LedgerBackend): number => since.filter(({ backend }) => backend === id).length;
  expect(served(busy)).toBeLessThan(served(calm) / 2);
  expect(served(busyToo)).toBeLessThan(served(calmToo) / 2);
}, 30_000);

/** An agent that says one line to everybody who connects. */
async function startAgent(host: string, port: number, line: string): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined).end(`${line}\n`);
  });
  server.listen(port, host);
  await once(server, "listening");
  scene.owns(async () => void server.close());
  return (server.address() as AddressInfo).port;
}

test("an agent's line sets its backend's share", async () => {
  const hello: Answering = (_request, response) => void response.end("hello");
  const hosts = ["127.0.0.1", "127.0.0.2"] as const;
  const backends = await Promise.all(hosts.map((host) => startPlainBackend(hello, { host })));
  for (const backend of backends) scene.owns(() => backend.close());
  const agentPort = await startAgent(hosts[0], 0, "up 100%");
  await startAgent(hosts[1], agentPort, "up 25%");
  await scene.start(backends, { balancing: "load-aware", health: { interval: 200, agentPort } });
  // Weights are made anew each second.
  const began = performance.now();
  const running = scene.load(undefined, 100);
  while (performance.now() - began < 2000) await running.goesOn(10);
  const known = running.outcomes.length;
  await running.goesOn(100);
  await running.stop();
  expect(running.failures).toEqual([]);
  const few = running.outcomes.slice(known).filter(({ backend }) => backend === backends[1]?.id).length;
  expect(few / (running.outcomes.length - known)).toBeCloseTo(0.2, 1);
});

import { readBackend, readBackends } from "./support/backends-api.ts";
import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { OpenLoad } from "./support/open-load.ts";
import { eventually } from "./support/raw-client.ts";
import { SampleBackend } from "./support/sample-backend.ts";

const RPS = 300;

let stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  stops = [];
});

function owned<T>(thing: T, stop: (thing: T) => Promise<unknown>): T {
  stops.push(() => stop(thing));
  return thing;
}

async function startSamples(count: number): Promise<SampleBackend[]> {
  const started = await Promise.all(Array.from({ length: count }, () => SampleBackend.start()));
  return started.map((backend) => owned(backend, (one) => one.kill()));
}

/** A gateway with the default checks before backends that run and are found well. */
async function startBefore(backends: readonly { readonly port: number }[], pool: object = {}): Promise<RunningGateway> {
  const urls = backends.map(({ port }) => `http://127.0.0.1:${port}`);
  const gateway = await startGateway({ ...testConfig([]), pools: { default: { backends: urls, ...pool } } });
  owned(gateway, (one) => one.stop());
  const healthy = async () => (await readBackends(gateway.admin)).every(({ state }) => state === "HEALTHY");
  await eventually(healthy, "all backends are HEALTHY", 10_000);
  return gateway;
}

function startLoad({ http }: RunningGateway, method = "GET"): OpenLoad {
  const make = (id: string) => ({ method, path: `/test?cache=no-store&id=${id}` });
  return owned(new OpenLoad({ port: http, rps: RPS, make }), (load) => load.stop());
}

test("SIGSTOP: what waits at the backend goes elsewhere when that is found UNREACHABLE, long before its time-out", async () => {
  const samples = await startSamples(4);
  const gateway = await startBefore(samples);
  const [stopped] = samples as [SampleBackend];
  const load = startLoad(gateway);
  await load.goesOn(RPS * 2);
  stopped.signal("SIGSTOP");
  const unreachable = async () => (await readBackend(gateway.admin, stopped.id)).state === "UNREACHABLE";
  await eventually(unreachable, "it is UNREACHABLE", 15_000);
  await load.goesOn(RPS);
  await load.stop();
  stopped.signal("SIGCONT");
  expect(load.failures).toEqual([]);
  const waited = load.outcomes.map(({ startedAt, endedAt }) => endedAt - startedAt).sort((a, b) => b - a);
  expect(waited[0]).toBeGreaterThan(500);
  expect(waited[0]).toBeLessThan(20_000);
}, 60_000);

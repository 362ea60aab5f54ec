import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfigInput } from "../../src/config/schema.ts";
import { readBackend, readBackends } from "./backends-api.ts";
import { type Behaviour, WELL } from "./behaviour.ts";
import { type RunningGateway, startGateway, testConfig } from "./gateway.ts";
import { type Answer, type AskOptions, ask } from "./http-client.ts";
import { LedgerBackend, readLedger } from "./ledger-backend.ts";
import { type LoadRequest, OpenLoad } from "./open-load.ts";
import { eventually } from "./raw-client.ts";

/** Requests a second. */
export const RPS = 300;

/** In flight: two seconds' requests. */
const MOST = 2 * RPS;

/** What has to happen in the end, however busy the machine, ms. */
export const PATIENCE = 20_000;

const USUAL: (id: string) => LoadRequest = (id) => ({ method: "GET", path: `/run?id=${id}` });

/** A gateway before backends in processes of their own, and a load on it. */
export class Scene {
  #stops: (() => Promise<unknown>)[] = [];
  #gateway: RunningGateway | null = null;
  readonly #backends: LedgerBackend[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "headgate-ledger-"));
  readonly #ledger = join(this.#folder, "ledger");

  get gateway(): RunningGateway {
    if (this.#gateway === null) throw new Error("no gateway was started");
    return this.#gateway;
  }

  /** What the backends have run, by id. */
  runs(method?: string): Map<string, string[]> {
    return readLedger(this.#ledger, method);
  }

  /** Backends that write down what they run, from now on; those of the test before are used again, as if they were new. */
  async backends(count: number, behaviour: Partial<Behaviour> = {}): Promise<LedgerBackend[]> {
    writeFileSync(this.#ledger, "");
    while (this.#backends.length < count) this.#backends.push(new LedgerBackend(this.#ledger));
    const backends = this.#backends.slice(0, count);
    await Promise.all(backends.map((backend) => backend.run({ ...WELL, ...behaviour })));
    return backends;
  }

  /** A gateway with one pool before `backends`, once all of them are HEALTHY. */
  async start(backends: readonly { readonly id: string }[], pool: object = {}): Promise<RunningGateway> {
    return this.startPools({ default: { backends: backends.map(({ id }) => `http://${id}`), ...pool } });
  }

  async startPools(pools: object, more: ConfigInput = {}): Promise<RunningGateway> {
    const gateway = await startGateway({ ...testConfig([]), pools, ...more } as ConfigInput);
    this.#gateway = gateway;
    this.owns(() => gateway.stop());
    const healthy = async () => (await readBackends(gateway.admin)).every(({ state }) => state === "HEALTHY");
    await eventually(healthy, "all backends are HEALTHY", PATIENCE);
    return gateway;
  }

  load(make: (id: string) => LoadRequest = USUAL, rps: number = RPS): OpenLoad {
    const load = new OpenLoad({ port: this.gateway.http, rps, most: MOST, make });
    this.owns(() => load.stop());
    return load;
  }

  ask(path: string, options?: AskOptions): Promise<Answer> {
    return ask(`http://127.0.0.1:${this.gateway.http}${path}`, options);
  }

  /** Waits until the gateway says this of a backend. */
  async until(backend: { readonly id: string }, what: string, is: (view: View) => boolean): Promise<void> {
    await eventually(async () => is(await readBackend(this.gateway.admin, backend.id)), what, PATIENCE);
  }

  owns(stop: () => Promise<unknown>): void {
    this.#stops.push(stop);
  }

  /** Ends gateway and load; the backends stay. */
  async clear(): Promise<void> {
    const stops = this.#stops.reverse();
    this.#stops = [];
    this.#gateway = null;
    for (const stop of stops) await stop();
  }

  async stop(): Promise<void> {
    await this.clear();
    await Promise.all(this.#backends.map((backend) => backend.kill()));
    rmSync(this.#folder, { recursive: true });
  }
}

type View = Awaited<ReturnType<typeof readBackend>>;

/** The scene of a file: a gateway for each test, and backends for all. */
export function scenes(): Scene {
  const scene = new Scene();
  afterEach(() => scene.clear());
  afterAll(() => scene.stop());
  return scene;
}

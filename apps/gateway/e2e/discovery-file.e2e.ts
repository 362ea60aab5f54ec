import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readBackends } from "./support/backends-api.ts";
import { tells } from "./support/log.ts";
import { type Answering, type PlainBackend, startPlainBackend } from "./support/plain-backend.ts";
import { eventually } from "./support/raw-client.ts";
import { PATIENCE, scenes } from "./support/scene.ts";

const scene = scenes();

/** A busy machine may keep a check waiting. */
const HEALTH = { interval: "100ms", timeout: "5s" };

const hello: Answering = (_request, response) => void setTimeout(() => response.end("hello"), 20);

async function startBackends(): Promise<[PlainBackend, PlainBackend]> {
  const backends = await Promise.all([startPlainBackend(hello), startPlainBackend(hello)]);
  for (const backend of backends) scene.owns(() => backend.close());
  return backends;
}

/** Starts a gateway whose backends stand in a file beside its config, which is not there yet. */
async function start(path: string): Promise<{ write: (text: string) => void; file: string }> {
  const gateway = await scene.startPools({
    default: { discovery: { file: { path } }, health: HEALTH },
  });
  const file = join(gateway.folder, path);
  return {
    file,
    // As editors and config maps do: never half a file.
    write(text) {
      writeFileSync(`${file}.new`, text);
      renameSync(`${file}.new`, file);
    },
  };
}

const logged = (text: string): Promise<void> => tells(scene.gateway, text, PATIENCE);

async function members(...expected: readonly { readonly id: string }[]): Promise<void> {
  const wanted = expected.map(({ id }) => `${id} HEALTHY file`).sort();
  const same = async (): Promise<boolean> => {
    const seen = (await readBackends(scene.gateway.admin)).map(({ id, state, origin }) => `${id} ${state} ${origin}`);
    return seen.sort().join() === wanted.join();
  };
  await eventually(same, `the members are ${wanted}`, PATIENCE);
}

test.each(["backends.json", "backends.yaml"])(
  "%s: backends join and leave with it under load; while it is wrong or gone the last list stays",
  async (path) => {
    const [one, two] = await startBackends();
    const { write, file } = await start(path);
    await logged(`The file of backends ${file} cannot be read: there is no such file.`);
    expect((await scene.ask("/")).status).toBe(503);
    write(JSON.stringify([`http://${one.id}`]));
    await members(one);
    const load = scene.load(undefined, 100);
    write(JSON.stringify([`http://${one.id}`, { url: `http://${two.id}`, weight: 3 }]));
    await members(one, two);
    await load.goesOn(100);
    expect(load.servedBy(two.id)).toBeGreaterThan(load.servedBy(one.id));

    write(JSON.stringify([`http://${one.id}`, { url: `http://${two.id}`, wieght: 3 }]));
    await logged(`${file}:1:`);
    await logged("[1].wieght: found an unknown key");
    write("[");
    await logged(path.endsWith("json") ? "found what is not JSON" : "found what is not YAML");
    if (path.endsWith("yaml")) {
      // Each line stands for ten of the line before it.
      const unfolding = Array.from({ length: 9 }, (_, i) => `- &l${i + 1} [${new Array(10).fill(`*l${i}`)}]`);
      write(["- &l0 http://a", ...unfolding].join("\n"));
      await logged(`The file of backends ${file}: ReferenceError: Excessive alias count`);
    }
    rmSync(file);
    await eventually(() => scene.gateway.log().split("there is no such file").length > 2, "its loss is told", PATIENCE);
    await members(one, two);

    write(JSON.stringify([`http://${two.id}`]));
    await members(two);
    await logged("discovery is well again");
    await load.goesOn(100);
    await load.stop();
    expect(load.failures).toEqual([]);
  },
  60_000,
);

test("a reload to another file takes its list over, and one without a file takes the backends away", async () => {
  const [one, two] = await startBackends();
  const { write } = await start("first.json");
  write(JSON.stringify([`http://${one.id}`]));
  await members(one);
  const { folder, configFile } = scene.gateway;
  writeFileSync(join(folder, "second.yaml"), `- http://${two.id}\n`);
  const reload = (pool: object): void => {
    const config = {
      listeners: [{ port: 0, host: "127.0.0.1" }],
      admin: { port: 0 },
      routes: [{ path: "/", auth: "none" }],
      pools: { default: { health: HEALTH, ...pool } },
      cache: { ttl: 0 },
    };
    writeFileSync(configFile, JSON.stringify(config));
  };
  reload({ discovery: { file: { path: "second.yaml" } } });
  await members(two);
  write(JSON.stringify([`http://${one.id}`]));
  reload({ backends: [] });
  await members();
}, 60_000);

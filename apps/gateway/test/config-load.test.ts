import { join } from "node:path";
import { ConfigError } from "../src/config/errors.ts";
import { type LoadedConfig, loadConfig } from "../src/config/load.ts";
import { UserError } from "../src/errors.ts";
import { type Folder, makeFolder } from "./config-files.ts";

let folder: Folder;
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => folder.remove());

const load = (more: { config?: string; workers?: string; env?: Record<string, string> } = {}): Promise<LoadedConfig> =>
  loadConfig({ cwd: folder.path, env: {}, now: () => Date.now(), ...more });

const KEY = "auth: { apiKeys: [{ name: a, key: b }] }\n";

async function refusal(loading: Promise<unknown>): Promise<UserError> {
  const error: unknown = await loading.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof UserError)) throw new Error("expected a refusal", { cause: error });
  return error;
}

describe("finding the file", () => {
  test("without one the defaults run, on loopback alone", async () => {
    const { snapshot, file, source, files, warnings } = await load();
    expect(snapshot.listeners.map(({ host }) => host)).toEqual([
      ["127.0.0.1", "::1"],
      ["127.0.0.1", "::1"],
    ]);
    expect({ file, source, files }).toEqual({ file: undefined, source: undefined, files: [] });
    expect(snapshot.stateDir).toBe(join(folder.path, ".headgate"));
    expect(warnings).toHaveLength(1);
  });

  test.each(["headgate.config.yaml", "headgate.config.yml", "headgate.config.json"])("%s is found", async (name) => {
    const text = name.endsWith(".ts")
      ? 'export default { log: { level: "warn" } as const };'
      : '{ "log": { "level": "warn" } }';
    const file = await folder.write(name, text);
    const loaded = await load();
    expect(loaded).toMatchObject({ file, source: name, files: [file], snapshot: { log: { level: "warn" } } });
    expect(loaded.snapshot.listeners[0]?.host).toEqual(["*"]);
  });

  test("two of them are one too many", async () => {
    await folder.write("headgate.config.yaml", "");
    await folder.write("headgate.config.json", "{}");
    expect((await refusal(load())).message).toMatch(
      /More than one .*: headgate\.config\.yaml, headgate\.config\.json\. Keep one/,
    );
    expect((await load({ config: "headgate.config.json" })).source).toBe("headgate.config.json");
  });

  test("a named one is relative to the working folder, an unrelated one is told by its whole path", async () => {
    await folder.write("conf/a.yml", "cache: { ttl: 0 }");
    expect(await load({ config: "conf/a.yml" })).toMatchObject({
      source: join("conf", "a.yml"),
      snapshot: { cache: { ttl: 0 } },
    });
    const config = join(folder.path, "conf", "a.yml");
    expect((await loadConfig({ cwd: join(folder.path, "other"), env: {}, now: Date.now, config })).source).toBe(config);
  });

  test.each([
    ["none.yaml", "The config file none.yaml cannot be read: there is no such file."],
    ["", "The config file  cannot be read"],
    ["conf.toml", "The config file conf.toml has an ending that is not known: expected .ts, .yaml, .yml or .json."],
  ])("--config %j is refused", async (config, message) => {
    await folder.write("conf.toml", "");
    const told = (await refusal(load({ config }))).message;
    expect(told).toContain(config === "" ? "has an ending that is not known" : message);
  });

  test("an empty file leaves everything at its default", async () => {
    await folder.write("headgate.config.yaml", "# nothing yet\n");
    expect((await load()).snapshot.cache.entries).toBe(1000);
  });
});

describe("where a problem stands", () => {
  test("YAML: line and column of the key, or of the nearest part that was written", async () => {
    await folder.write(
      "headgate.config.yaml",
      `${KEY}cache:\n  ttl: 1 sec\n  memroy: 1\npools:\n  web: { retries: 1 }\n  api:\n    backends: [http://a, b:1]\n`,
    );
    const { message } = await refusal(load());
    expect(message.split("\n")).toEqual([
      "The config has 4 errors:",
      'headgate.config.yaml:3:3: cache.ttl: found "1 sec", expected a duration such as 250ms, 1s, 5m (did you mean 1s?)',
      "headgate.config.yaml:4:3: cache.memroy: found an unknown key, expected entries, memory, ttl, objectSize or redis (did you mean memory?)",
      "headgate.config.yaml:6:3: pools.web.backends: found nothing, expected a list of backends, or discovery beside it",
      expect.stringMatching(/^headgate\.config\.yaml:8:26: pools\.api\.backends\[1\]: found "b:1"/),
    ]);
  });

  test("a place that was not written is told by the file alone", async () => {
    await folder.write("headgate.config.yaml", "pools: { api: { backends: [] } }");
    expect((await refusal(load())).message).toMatch(/^headgate\.config\.yaml: routes\[0\]\.pool: found "default"/);
  });

  test("rules across sections are told together with faults of other sections", async () => {
    await folder.write("headgate.config.yaml", "cache: { ttl: x }\npools: { api: { backends: [] } }\n");
    const error = await refusal(load());
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).problems.map(({ path, source }) => [path, source])).toEqual([
      ["cache.ttl", "headgate.config.yaml:1:10"],
      ["routes[0].pool", "headgate.config.yaml"],
    ]);
  });

  test("broken YAML and a key that stands twice", async () => {
    await folder.write("headgate.config.yaml", "cache: { ttl: 1s\npools: [\n");
    expect((await refusal(load())).message).toMatch(/headgate\.config\.yaml:\d+:\d+: found what is not YAML: /);
    await folder.write("headgate.config.yaml", "cache: { ttl: 1s }\ncache: { ttl: 2s }\n");
    expect((await refusal(load())).message).toMatch(/^headgate\.config\.yaml:2:1: found what is not YAML: .*unique/);
  });

  test("JSON: strict, with positions, and $schema for editors", async () => {
    await folder.write("headgate.config.json", '{ "cache": { "ttl": "1s", } }');
    expect((await refusal(load())).message).toMatch(
      /^headgate\.config\.json: found what is not JSON: .*line 1 column 27/,
    );
    await folder.write("headgate.config.json", '{\n\t"$schema": "./schema.json",\n\t"cache": { "ttll": "1s" }\n}');
    expect((await refusal(load())).message).toMatch(/^headgate\.config\.json:3:13: cache\.ttll: found an unknown key/);
    await folder.write("headgate.config.json", "[]");
    expect((await refusal(load())).message).toBe("headgate.config.json: found [], expected an object of settings");
  });

  test("variables and flags go before the file, and problems name them", async () => {
    await folder.write("headgate.config.yaml", `${KEY}cache: { ttl: 1s, entries: 7 }\nworkers: 2`);
    const env = { HEADGATE_CACHE__TTL: "5s" };
    const { snapshot, overrides, warnings } = await load({ env, workers: "1" });
    expect(snapshot).toMatchObject({ cache: { ttl: 5000, entries: 7 }, workers: 1 });
    expect(overrides).toEqual(["HEADGATE_CACHE__TTL", "--workers"]);
    expect(warnings).toEqual([]);
    const wrong = refusal(load({ env: { HEADGATE_CACHE__TTL: "x", HEADGATE_CACHE__TLT: "1" }, workers: "abc" }));
    expect((await wrong).message.split("\n").slice(1)).toEqual([
      "HEADGATE_CACHE__TLT: cache: found a variable that names no key, expected entries, memory, ttl, objectSize, redis (did you mean HEADGATE_CACHE__TTL?)",
      'HEADGATE_CACHE__TTL: cache.ttl: found "x", expected a duration such as 250ms, 1s, 5m',
      '--workers: workers: found "abc", expected a whole number from 1 to 1024, or auto',
    ]);
  });

  test("production refuses the development key, and says what to do", async () => {
    const { message } = await refusal(load({ env: { NODE_ENV: "production" } }));
    expect(message).toMatch(/^auth\.apiKeys\[0\]\.key: found the development key, .*HEADGATE_AUTH__API_KEYS__0__KEY/);
    const env = { NODE_ENV: "production", HEADGATE_AUTH__API_KEYS__0__KEY: "own" };
    expect((await load({ env })).snapshot.auth.apiKeys).toEqual([{ name: "dev", key: "own" }]);
  });
});

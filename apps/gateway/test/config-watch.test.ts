import { rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { loadConfig } from "../src/config/load.ts";
import { makeSelfSigned } from "../src/config/tls/self-signed.ts";
import { type ConfigChange, type ConfigWatch, watchConfig } from "../src/config/watch.ts";
import { type Folder, makeFolder } from "./config-files.ts";

let folder: Folder;
let watch: ConfigWatch | undefined;
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(async () => {
  await watch?.close();
  await folder.remove();
});

const ttl = (value: string): string => `auth: { apiKeys: [{ name: a, key: b }] }\ncache: { ttl: ${value} }\n`;

type Told = number | string;

/** A change as tests tell it: the cache's TTL, or the error's message. */
const tell = (change: ConfigChange): Told =>
  change.kind === "loaded" ? change.config.snapshot.cache.ttl : change.error.message;

/** Watches the folder's config. */
async function start(config?: string) {
  const load = { cwd: folder.path, env: {}, now: Date.now, config };
  const told: Told[] = [];
  let wake = Promise.withResolvers<void>();
  const onChange = (change: ConfigChange): void => {
    told.push(tell(change));
    wake.resolve();
  };
  watch = watchConfig({ initial: await loadConfig(load), load, onChange });
  await watch.ready;
  return {
    told,
    /** Resolves once the last change is this one; one writing may be told more than once on a busy machine. */
    async until(expected: number | RegExp): Promise<void> {
      const matches = (last: Told | undefined): boolean =>
        typeof expected === "number" ? last === expected : expected.test(String(last));
      while (!matches(told.at(-1))) {
        await wake.promise;
        wake = Promise.withResolvers();
      }
    },
  };
}

test("a change that is in order is handed on; one that is not is told; and back", async () => {
  await folder.write("headgate.config.yaml", ttl("1s"));
  const { until } = await start();
  await folder.write("headgate.config.yaml", ttl("2s"));
  await until(2000);
  await folder.write("headgate.config.yaml", ttl("soon"));
  await until(/^headgate\.config\.yaml:2:10: cache\.ttl: found "soon"/);
  await folder.write("headgate.config.yaml", ttl("3s"));
  await until(3000);
});

test("an editor that renames a new file over the old one is seen, each time", async () => {
  const file = await folder.write("headgate.config.yaml", ttl("1s"));
  const { until } = await start();
  for (const seconds of [2, 3]) {
    await rename(await folder.write("headgate.config.yaml.tmp", ttl(`${seconds}s`)), file);
    await until(seconds * 1000);
  }
});

test("a deleted file is told, and does not fall back to the defaults; its return is seen", async () => {
  const file = await folder.write("headgate.config.yaml", ttl("1s"));
  const { until, told } = await start();
  await rm(file);
  await until(/headgate\.config\.yaml cannot be read: there is no such file/);
  await folder.write("headgate.config.yaml", ttl("2s"));
  await until(2000);
  expect(told).not.toContain(300_000);
});

test("a symbolic link that is switched is seen, as in a Kubernetes volume", async () => {
  await folder.write("v1/h.yaml", ttl("1s"));
  await folder.write("v2/h.yaml", ttl("22s"));
  await symlink("v1", join(folder.path, "data"));
  await symlink(join("data", "h.yaml"), join(folder.path, "h.yaml"));
  const { until } = await start("h.yaml");
  await symlink("v2", join(folder.path, "data.new"));
  await rename(join(folder.path, "data.new"), join(folder.path, "data"));
  await rm(join(folder.path, "v1"), { recursive: true });
  await until(22_000);
});

test("certificates that the config names are watched, also one that was missing", async () => {
  const { cert, key } = await makeSelfSigned(Date.now());
  await folder.write("headgate.config.yaml", ttl("1s"));
  const { until } = await start();
  await folder.write(
    "headgate.config.yaml",
    `${ttl("2s")}listeners: [{ port: 0, tls: { cert: c.pem, key: k.pem } }]\n`,
  );
  await until(/c\.pem: there is no such file/);
  await folder.write("c.pem", cert);
  await folder.write("k.pem", key);
  await until(2000);
  await folder.write("k.pem", "spoilt");
  await until(/k\.pem, which is not PEM/);
});

test("after close nothing is handed on", async () => {
  await folder.write("headgate.config.yaml", ttl("1s"));
  const { told } = await start();
  await folder.write("headgate.config.yaml", ttl("2s"));
  await watch?.close();
  await watch?.close();
  expect(told).toEqual([]);
});

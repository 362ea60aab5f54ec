import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { makeCertificate } from "./support/certificates.ts";
import { headgate, inFolder } from "./support/command.ts";

let taken: Server;
let port: number;
beforeAll(async () => {
  taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  port = (taken.address() as AddressInfo).port;
});
afterAll(() => taken.close());

const files = {
  "cert.pem": makeCertificate().cert,
  "other-key.pem": makeCertificate().key,
  "garbage.pem": "not a certificate",
};

const withTls = (cert: string, key: string): string =>
  `listeners: [{ port: 0, host: 127.0.0.1, tls: { cert: ${cert}, key: ${key} } }]`;

/** A config with one wrong thing, and the line that it ends with; FILE and FOLDER stand for what differs by run. */
const refusals: readonly (readonly [name: string, config: () => string, told: () => string])[] = [
  [
    "a listener's port that is in use",
    () => `listeners: [{ port: ${port}, host: 127.0.0.1 }]\nadmin: { port: 0 }`,
    () =>
      `Port ${port} is in use by another program (127.0.0.1). Stop that one, or set listeners[0].port to another port.`,
  ],
  [
    "an admin port that is in use",
    () => `listeners: [{ port: 0, host: 127.0.0.1 }]\nadmin: { port: ${port} }`,
    () => `Port ${port} is in use by another program (127.0.0.1). Stop that one, or set admin.port to another port.`,
  ],
  [
    "a port beyond the last",
    () => "listeners:\n  - { port: 99999 }",
    () => "FILE:2:7: listeners[0].port: found 99999, expected a port from 1 to 65535 (or 0: any free one)",
  ],
  [
    "a duration that is none",
    () => "pools:\n  default:\n    backends: []\n    health: { interval: 1 sec }",
    () =>
      'FILE:4:15: pools.default.health.interval: found "1 sec", expected a duration such as 250ms, 1s, 5m (did you mean 1s?)',
  ],
  [
    "a certificate file that is missing",
    () => withTls("nowhere.pem", "other-key.pem"),
    () =>
      "FILE:1:48: listeners[0].tls.cert: found FOLDER/nowhere.pem: there is no such file, expected a readable PEM file with a certificate",
  ],
  [
    "a certificate that is none",
    () => withTls("garbage.pem", "other-key.pem"),
    () =>
      "FILE:1:48: listeners[0].tls.cert: found FOLDER/garbage.pem, which is not PEM, expected a readable PEM file with a certificate",
  ],
  [
    "the key of another certificate",
    () => withTls("cert.pem", "other-key.pem"),
    () =>
      "FILE:1:64: listeners[0].tls.key: found FOLDER/other-key.pem, the key of another certificate, expected the private key of FOLDER/cert.pem",
  ],
];

test.each(refusals)("%s: one clear line, exit 1", async (_name, config, told) => {
  await inFolder({ ...files, "headgate.config.yaml": config() }, async (folder) => {
    const { code, stderr } = await headgate(["start"], { cwd: folder });
    const line = stderr.replaceAll(folder, "FOLDER").replaceAll("headgate.config.yaml", "FILE");
    expect({ code, line }).toEqual({ code: 1, line: `headgate: ${told()}\n` });
  });
});

test("an unknown key: the line names those that are known, and the nearest", async () => {
  await inFolder({ "headgate.config.yaml": "cache: { tll: 5m }" }, async (folder) => {
    const { code, stderr } = await headgate(["start"], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^headgate: headgate.config.yaml:1:10: cache\.tll: found an unknown key, expected entries, .+ \(did you mean ttl\?\)\n$/,
    );
  });
});

test("every error of a config is told at once, a line each", async () => {
  const config = "listeners: [{ port: 99999 }]\ncache: { tll: 1s }\nauth: { header: 5 }";
  await inFolder({ "headgate.config.yaml": config }, async (folder) => {
    const { code, stderr } = await headgate(["check"], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^headgate: The config has 3 errors:\n/);
    for (const path of ["listeners[0].port: ", "cache.tll: ", "auth.header: "]) expect(stderr).toContain(path);
    expect(stderr.trimEnd().split("\n")).toHaveLength(4);
  });
});

test("a config file that is missing, and a second one beside the first", async () => {
  await inFolder({ "headgate.config.yaml": "", "headgate.config.json": "{}" }, async (folder) => {
    const both = await headgate(["start"], { cwd: folder });
    expect(both).toMatchObject({ code: 1, stderr: expect.stringMatching(/^headgate: More than one config file.+\n$/) });
    const none = await headgate(["start", "--config", "other.yaml"], { cwd: folder });
    expect(none).toMatchObject({ code: 1, stderr: expect.stringMatching(/^headgate: .*other\.yaml.*\n$/) });
  });
});

test("the development key in production, and a variable that names no setting", async () => {
  await inFolder({ "headgate.config.yaml": "admin: false" }, async (folder) => {
    const key = await headgate(["start"], { cwd: folder, env: { NODE_ENV: "production" } });
    expect(key.code).toBe(1);
    expect(key.stderr).toMatch(
      /^headgate: .*auth\.apiKeys\[0\]\.key: found the development key, expected a secret key, since NODE_ENV is production \(set a key of your own .+\)\n$/,
    );
    const variable = await headgate(["start"], { cwd: folder, env: { HEADGATE_CACH__TTL: "1s" } });
    expect(variable.code).toBe(1);
    expect(variable.stderr).toMatch(/^headgate: HEADGATE_CACH__TTL: .*did you mean HEADGATE_CACHE\?\)\n$/);
  });
});

test("arguments that are not understood: exit 2, with the way to the help", async () => {
  for (const args of [["strat"], ["start", "--confg", "x"]]) {
    const { code, stderr } = await headgate(args);
    expect({ args, code }).toEqual({ args, code: 2 });
    expect(stderr).toMatch(/^error: .+\n/);
    expect(stderr).toContain("headgate --help");
    expect(stderr).not.toMatch(/^\s+at /m);
  }
});

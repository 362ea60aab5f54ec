import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureSelfSigned, makeSelfSigned } from "../src/config/tls/self-signed.ts";
import { UserError } from "../src/errors.ts";

const NOW = Date.UTC(2026, 0, 15);
const DAY = 86_400_000;

let parent: string;
let dir: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "headgate-"));
  dir = join(parent, "state", ".headgate");
});
afterEach(() => rm(parent, { recursive: true }));

const mode = async (file: string): Promise<string> => ((await stat(file)).mode & 0o777).toString(8);

test("the certificate is for this machine's names, as clients demand it", async () => {
  const { cert, key } = await makeSelfSigned(NOW);
  const certificate = new X509Certificate(cert);
  expect(certificate.checkHost("localhost")).toBe("localhost");
  expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(certificate.checkIP("::1")).toBe("::1");
  expect(certificate.checkHost("example.com")).toBeUndefined();
  expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  expect(certificate.ca).toBe(false);
  expect(certificate.signatureAlgorithm).toBe("sha256WithRSAEncryption");
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBeGreaterThanOrEqual(2048);
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
  const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  expect(from).toBeLessThan(NOW);
  expect(NOW - from).toBeLessThanOrEqual(DAY);
  expect(to - from).toBeLessThan(398 * DAY);
  expect(to - NOW).toBeGreaterThan(360 * DAY);
});

test("no two have the same serial number, and each is positive", async () => {
  const [a, b] = await Promise.all([makeSelfSigned(NOW), makeSelfSigned(NOW)]);
  const serials = [a, b].map(({ cert }) => new X509Certificate(cert).serialNumber);
  expect(serials[0]).not.toBe(serials[1]);
  for (const serial of serials) expect(serial).toMatch(/^0?1/);
});

test("it is made once and kept for this user alone", async () => {
  const first = await ensureSelfSigned(dir, NOW);
  expect(first.made).toBe(true);
  expect((await readdir(dir)).sort()).toEqual(["cert.pem", "key.pem"]);
  expect(await mode(dir)).toBe("700");
  expect(await mode(join(dir, "key.pem"))).toBe("600");
  expect(await ensureSelfSigned(dir, NOW + 100 * DAY)).toEqual({ ...first, made: false });
});

test("a key that others may read is closed again", async () => {
  await ensureSelfSigned(dir, NOW);
  await chmod(join(dir, "key.pem"), 0o644);
  expect((await ensureSelfSigned(dir, NOW)).made).toBe(false);
  expect(await mode(join(dir, "key.pem"))).toBe("600");
});

test.each<[string, () => Promise<unknown>, number]>([
  ["near its end", async () => undefined, NOW + 370 * DAY],
  ["expired", async () => undefined, NOW + 500 * DAY],
  ["not valid yet", async () => undefined, NOW - 100 * DAY],
  ["cut off", () => writeFile(join(dir, "cert.pem"), "-----BEGIN CERT"), NOW],
  ["without its key", () => rm(join(dir, "key.pem")), NOW],
  ["of another key", async () => writeFile(join(dir, "key.pem"), (await makeSelfSigned(NOW)).key), NOW],
])("one that is %s is made anew", async (_, spoil, now) => {
  const first = await ensureSelfSigned(dir, NOW);
  await spoil();
  const second = await ensureSelfSigned(dir, now);
  expect(second.made).toBe(true);
  expect(second.key).not.toBe(first.key);
  expect(await readFile(join(dir, "cert.pem"), "utf8")).toBe(second.cert);
  expect((await ensureSelfSigned(dir, now)).made).toBe(false);
});

test("a folder that cannot be used is told, with what to do", async () => {
  const file = join(parent, "file");
  await writeFile(file, "");
  const attempt = ensureSelfSigned(join(file, "below"), NOW);
  await expect(attempt).rejects.toThrow(UserError);
  await expect(attempt).rejects.toThrow(/cannot be kept in .*Set stateDir to a folder/);
});

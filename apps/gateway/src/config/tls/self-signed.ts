import { createPrivateKey, generateKeyPair, randomBytes, sign as signBytes, X509Certificate } from "node:crypto";
import { chmod, mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import forge from "node-forge";
import { UserError } from "../../errors.ts";
import { whyUnreadable } from "../unreadable.ts";

export interface SelfSigned {
  /** PEM. */
  cert: string;
  key: string;
  /** It was made now, and not found. */
  made: boolean;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Clients refuse certificates that are valid for 398 days or more (CA/Browser Forum Baseline Requirements §6.3.2). */
const LIFETIME = 390 * DAY;
/** For clients whose clock is behind. */
const BACKDATE = HOUR;
/** One that ends sooner is made anew at the next start. */
const RENEW_BEFORE = 30 * DAY;

const NAMES = [
  { type: 2, value: "localhost" },
  { type: 7, ip: "127.0.0.1" },
  { type: 7, ip: "::1" },
];

const EXTENSIONS = [
  { name: "basicConstraints", cA: false, critical: true },
  { name: "keyUsage", digitalSignature: true, keyEncipherment: true, critical: true },
  { name: "extKeyUsage", serverAuth: true },
  { name: "subjectAltName", altNames: NAMES },
  { name: "subjectKeyIdentifier" },
];

/** A serial number is positive and at most 20 octets (RFC 5280 §4.1.2.2). */
const serialNumber = (): string => `01${randomBytes(15).toString("hex")}`;

/** A certificate for localhost, 127.0.0.1 and ::1, signed with its own key (RSA 2048, SHA-256), as of `now` (ms). */
export async function makeSelfSigned(now: number): Promise<{ cert: string; key: string }> {
  // OpenSSL makes the key in a thread of its own and many times faster than forge does.
  const pair = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  const key = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(pair.publicKey.export({ type: "spki", format: "pem" }).toString());
  certificate.serialNumber = serialNumber();
  certificate.validity.notBefore = new Date(now - BACKDATE);
  certificate.validity.notAfter = new Date(now + LIFETIME);
  const name = [
    { name: "commonName", value: "localhost" },
    { name: "organizationName", value: "Headgate self-signed" },
  ];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions(EXTENSIONS);
  // Signed by OpenSSL as well, which takes a millisecond where forge takes a hundred.
  const sign = (): string => {
    const signed = forge.asn1.toDer(certificate.tbsCertificate).getBytes();
    return signBytes("sha256", Buffer.from(signed, "latin1"), pair.privateKey).toString("latin1");
  };
  certificate.sign({ ...forge.pki.privateKeyFromPem(key), sign }, forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key };
}

/** Whether a kept certificate is of use at `now`: readable, of this key, and not near its end. */
function isGood(cert: string, key: string, now: number): boolean {
  try {
    const certificate = new X509Certificate(cert);
    const lives = certificate.validFromDate.getTime() <= now && certificate.validToDate.getTime() > now + RENEW_BEFORE;
    return lives && certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

async function readKept(dir: string, now: number): Promise<SelfSigned | undefined> {
  const keyFile = join(dir, "key.pem");
  const read = (name: string): Promise<string> => readFile(join(dir, name), "utf8");
  const [cert, key] = await Promise.all([read("cert.pem"), read("key.pem")]).catch(() => []);
  if (cert === undefined || key === undefined || !isGood(cert, key, now)) return undefined;
  if (((await stat(keyFile)).mode & 0o077) !== 0) await chmod(keyFile, 0o600);
  return { cert, key, made: false };
}

/** Writes beside the file and renames, so that no reader meets half of it. */
async function writeWhole(file: string, text: string): Promise<void> {
  const beside = `${file}.${randomBytes(6).toString("hex")}`;
  await writeFile(beside, text, { mode: 0o600, flag: "wx" });
  await rename(beside, file);
}

/**
 * The self-signed certificate that is kept in `dir` as `cert.pem` and `key.pem` (mode 0600, the folder 0700), made where
 * there is none or where it is unreadable, of another key, or within 30 days of its end.
 * Throws `UserError` where the folder cannot be written.
 */
export async function ensureSelfSigned(dir: string, now: number): Promise<SelfSigned> {
  const kept = await readKept(dir, now);
  if (kept !== undefined) return kept;
  const fresh = await makeSelfSigned(now);
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await writeWhole(join(dir, "key.pem"), fresh.key);
    await writeWhole(join(dir, "cert.pem"), fresh.cert);
  } catch (error) {
    throw new UserError(
      `The self-signed certificate cannot be kept in ${dir}: ${whyUnreadable(error)}. Set stateDir to a folder that this user can write, or give the listener a certificate of its own.`,
    );
  }
  return { ...fresh, made: true };
}

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Finding } from "../errors.ts";
import type { Path } from "../path.ts";
import { whyUnreadable } from "../unreadable.ts";

/** A PEM file's text and what was read from it, or what is wrong with it. */
export type Pem<T> = { ok: true; text: string; value: T } | { ok: false; finding: Finding };

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const LABEL = /-----BEGIN ([A-Z0-9 ]+)-----/g;

/** What a file that was expected to hold something else does hold. */
function holds(text: string): string {
  const labels = [...text.matchAll(LABEL)].map(([, label]) => label);
  return labels.length === 0 ? "which is not PEM" : `which holds ${labels.join(", ")} that cannot be used`;
}

async function readPem<T>(
  file: string,
  path: Path,
  expected: string,
  parse: (text: string) => T | undefined,
): Promise<Pem<T>> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    return { ok: false, finding: { path, found: `${file}: ${whyUnreadable(error)}`, expected } };
  }
  const value = attempt(() => parse(text));
  if (value !== undefined) return { ok: true, text, value };
  const hint = text.includes("ENCRYPTED")
    ? "take the passphrase off: openssl pkey -in key.pem -out plain.pem"
    : undefined;
  return { ok: false, finding: { path, found: `${file}, ${holds(text)}`, expected, hint } };
}

function attempt<T>(parse: () => T | undefined): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

function parseChain(text: string): [X509Certificate, ...X509Certificate[]] | undefined {
  const [first, ...rest] = (text.match(CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem));
  return first && [first, ...rest];
}

/** A file with one certificate or more, the leaf first. */
export const readCertificates = (file: string, path: Path): Promise<Pem<[X509Certificate, ...X509Certificate[]]>> =>
  readPem(file, path, "a readable PEM file with a certificate", parseChain);

export const readPrivateKey = (file: string, path: Path): Promise<Pem<KeyObject>> =>
  readPem(file, path, "a readable PEM file with a private key without passphrase", createPrivateKey);

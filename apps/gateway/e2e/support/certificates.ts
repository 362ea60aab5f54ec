import { generateKeyPairSync, sign as signBytes } from "node:crypto";
import forge from "node-forge";

/** A certificate with its key, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  readonly name?: string;
  /** Names and addresses that it is for. Default: localhost and 127.0.0.1. */
  readonly hosts?: readonly string[];
  /** By default it signs itself. */
  readonly issuer?: Certificate;
  /** It may sign others. */
  readonly authority?: boolean;
  /** Days from now, negative for the past. Default: from -1 to 90. */
  readonly days?: readonly [from: number, to: number];
}

const DAY = 86_400_000;
let serial = 1;

const altName = (host: string) => (/^[\d.]+$|:/.test(host) ? { type: 7, ip: host } : { type: 2, value: host });

/** Makes a certificate as a test needs it. */
export function makeCertificate(options: CertificateOptions = {}): Certificate {
  const {
    name = "localhost",
    hosts = ["localhost", "127.0.0.1"],
    issuer,
    authority = false,
    days = [-1, 90],
  } = options;
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  // forge reads PKCS#1.
  const key = pair.privateKey.export({ type: "pkcs1", format: "pem" }).toString();
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(pair.publicKey.export({ type: "spki", format: "pem" }).toString());
  certificate.serialNumber = `0${(serial++).toString(16)}`;
  certificate.validity.notBefore = new Date(Date.now() + days[0] * DAY);
  certificate.validity.notAfter = new Date(Date.now() + days[1] * DAY);
  const subject = [{ name: "commonName", value: name }];
  certificate.setSubject(subject);
  certificate.setIssuer(issuer === undefined ? subject : forge.pki.certificateFromPem(issuer.cert).subject.attributes);
  certificate.setExtensions([
    { name: "basicConstraints", cA: authority, critical: true },
    { name: "subjectAltName", altNames: hosts.map(altName) },
  ]);
  const signer = issuer?.key ?? key;
  // By OpenSSL: forge itself takes seconds for it.
  const sign = (): string => {
    const signed = forge.asn1.toDer(certificate.tbsCertificate).getBytes();
    return signBytes("sha256", Buffer.from(signed, "latin1"), signer).toString("latin1");
  };
  certificate.sign({ ...forge.pki.privateKeyFromPem(signer), sign }, forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key };
}

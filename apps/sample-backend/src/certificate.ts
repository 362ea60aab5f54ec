import { generateKeyPairSync } from "node:crypto";
import { isIP } from "node:net";
import forge from "node-forge";

const day = 86_400_000;

/** A certificate and its key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * Makes a self-signed certificate for localhost, 127.0.0.1, ::1 and `host`, valid for 30 days: it lives as long
 * as the process and is never written down.
 */
export function selfSigned(host: string, now: number): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const cert = forge.pki.createCertificate();
  cert.publicKey = forge.pki.publicKeyFromPem(publicKey);
  cert.serialNumber = `01${forge.util.bytesToHex(forge.random.getBytesSync(15))}`;
  cert.validity.notBefore = new Date(now - day);
  cert.validity.notAfter = new Date(now + 30 * day);
  const name = [{ name: "commonName", value: "sample-backend" }];
  cert.setSubject(name);
  cert.setIssuer(name);
  const names = [...new Set(["localhost", "127.0.0.1", "::1", host])];
  cert.setExtensions([
    { name: "basicConstraints", cA: false },
    { name: "keyUsage", digitalSignature: true, keyEncipherment: true },
    { name: "extKeyUsage", serverAuth: true },
    {
      name: "subjectAltName",
      altNames: names.map((one) => (isIP(one) ? { type: 7, ip: one } : { type: 2, value: one })),
    },
  ]);
  cert.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(cert), key: privateKey };
}

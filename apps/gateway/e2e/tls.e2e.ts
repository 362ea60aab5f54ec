import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect } from "node:tls";
import { makeCertificate } from "./support/certificates.ts";
import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { ask } from "./support/http-client.ts";
import { tells } from "./support/log.ts";
import { type PlainBackend, startPlainBackend } from "./support/plain-backend.ts";

let backend: PlainBackend;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "headgate-tls-"));
  backend = await startPlainBackend((_request, response) => void response.end("hello"));
});
afterAll(async () => {
  await backend.close();
  rmSync(folder, { recursive: true });
});

/** Writes a PEM file; gives back its path. */
function file(name: string, pem: string): string {
  writeFileSync(join(folder, name), pem);
  return join(folder, name);
}

interface Handshake {
  readonly protocol?: string | null;
  readonly cipher?: string;
  readonly alpn?: string | false | null;
  readonly fingerprint?: string | undefined;
  /** Why it failed. */
  readonly error?: string | undefined;
}

/** A connection by these options, up to the first answer: a certificate is refused only after the handshake (TLS 1.3). */
async function handshake(port: number, options: ConnectionOptions = {}): Promise<Handshake> {
  const socket = connect({ port, host: "127.0.0.1", servername: "localhost", rejectUnauthorized: false, ...options });
  try {
    await once(socket, "secureConnect");
    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    await once(socket, "data");
    const fingerprint = socket.getPeerX509Certificate()?.fingerprint256;
    return {
      protocol: socket.getProtocol(),
      cipher: socket.getCipher().standardName,
      alpn: socket.alpnProtocol,
      fingerprint,
    };
  } catch (error) {
    return { error: (error as NodeJS.ErrnoException).code };
  } finally {
    socket.destroy();
  }
}

describe("the self-signed certificate", () => {
  const start = (stateDir: string): Promise<RunningGateway> =>
    startGateway(
      testConfig([backend.port], { stateDir, listeners: [{ port: 0, host: "127.0.0.1", tls: "self-signed" }] }),
    );

  test("is made at the first start, for localhost, with a key that only the user can read, and kept for the second", async () => {
    const stateDir = join(folder, "made");
    const first = await start(stateDir);
    const cert = readFileSync(join(stateDir, "cert.pem"), "utf8");
    const { subjectAltName, publicKey, validToDate, fingerprint256 } = new X509Certificate(cert);
    expect(subjectAltName).toBe("DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1");
    expect(publicKey.asymmetricKeyType).toBe("rsa");
    expect(publicKey.asymmetricKeyDetails?.modulusLength).toBeGreaterThanOrEqual(2048);
    expect(validToDate.getTime()).toBeGreaterThan(Date.now());
    expect(statSync(join(stateDir, "key.pem")).mode & 0o777).toBe(0o600);
    for (const host of ["127.0.0.1", "localhost"]) {
      const options = { ca: cert, servername: host === "localhost" ? host : "" };
      expect((await ask(`https://${host}:${first.https}/`, options)).text).toBe("hello");
    }
    await first.stop();

    const second = await start(stateDir);
    expect(await handshake(second.https)).toMatchObject({ fingerprint: fingerprint256 });
    await second.stop();
  });

  test("is made again when it has expired", async () => {
    const stateDir = mkdtempSync(join(folder, "expired-"));
    const expired = makeCertificate({ days: [-400, -10] });
    writeFileSync(join(stateDir, "cert.pem"), expired.cert);
    writeFileSync(join(stateDir, "key.pem"), expired.key);
    const gateway = await start(stateDir);
    const cert = readFileSync(join(stateDir, "cert.pem"), "utf8");
    expect(cert).not.toBe(expired.cert);
    expect((await ask(`https://127.0.0.1:${gateway.https}/`, { ca: cert })).text).toBe("hello");
    await gateway.stop();
  });
});

describe("several listeners of one gateway", () => {
  const authority = makeCertificate({ name: "An authority", authority: true });
  const stranger = makeCertificate({ name: "Another authority", authority: true });
  const own = makeCertificate({ issuer: authority });
  let gateway: RunningGateway;
  /** Ports of the TLS listeners, in the config's order. */
  let ports: [usual: number, modern: number, plain: number, mutual: number];

  beforeAll(async () => {
    const files = { cert: file("cert.pem", own.cert), key: file("key.pem", own.key) };
    const host = "127.0.0.1";
    gateway = await startGateway(
      testConfig([backend.port], {
        listeners: [
          { port: 0, host },
          { port: 0, host, tls: files },
          { port: 0, host, tls: { ...files, minVersion: "TLSv1.3" } },
          { port: 0, host, tls: files, http2: false },
          { port: 0, host, tls: { ...files, ca: file("ca.pem", authority.cert) } },
        ],
      }),
    );
    await tells(gateway, "headgate is ready");
    const found = [...gateway.log().matchAll(/https:\/\/localhost:(\d+)/g)].map(([, port]) => Number(port));
    ports = found as typeof ports;
    expect(ports).toHaveLength(4);
  });
  afterAll(() => gateway.stop());

  test("all of them answer, the own certificate is shown and can be verified", async () => {
    expect((await ask(`http://127.0.0.1:${gateway.http}/`)).text).toBe("hello");
    for (const port of ports.slice(0, 3)) {
      expect((await ask(`https://127.0.0.1:${port}/`, { ca: authority.cert })).text).toBe("hello");
    }
  });

  test("minVersion TLSv1.3 refuses TLS 1.2, which is let in otherwise; TLS 1.1 never is", async () => {
    const [usual, modern] = ports;
    const old: ConnectionOptions = { maxVersion: "TLSv1.2" };
    const refused = { error: "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION" };
    expect(await handshake(modern, old)).toEqual(refused);
    expect(await handshake(usual, old)).toMatchObject({ protocol: "TLSv1.2" });
    expect(await handshake(modern)).toMatchObject({ protocol: "TLSv1.3" });
    const oldest: ConnectionOptions = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" };
    expect(await handshake(usual, oldest)).toEqual(refused);
  });

  test("HTTP/2 and HTTP/1.1 by ALPN, HTTP/1.1 alone where http2 is false", async () => {
    const [usual, , plain] = ports;
    const session = connectHttp2(`https://127.0.0.1:${usual}`, { ca: authority.cert });
    const stream = session.request({ ":path": "/" });
    const [headers] = await once(stream, "response");
    expect(headers[":status"]).toBe(200);
    expect(session.alpnProtocol).toBe("h2");
    stream.resume();
    await once(stream, "close");
    session.close();
    expect(await handshake(plain, { ALPNProtocols: ["h2", "http/1.1"] })).toMatchObject({ alpn: "http/1.1" });
    expect(await handshake(usual, { ALPNProtocols: ["http/1.1"] })).toMatchObject({ alpn: "http/1.1" });
  });

  test("AES-128 is taken before AES-256, whatever the client prefers; who has the latter alone is let in too", async () => {
    const [usual, , plain] = ports;
    const both = "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256";
    for (const port of [usual, plain])
      expect(await handshake(port, { ciphers: both })).toMatchObject({ cipher: "TLS_AES_128_GCM_SHA256" });
    const one = "TLS_AES_256_GCM_SHA384";
    expect(await handshake(usual, { ciphers: one, minVersion: "TLSv1.3" })).toMatchObject({ cipher: one });
  });

  test("mutual TLS lets in only who shows a certificate of the authority", async () => {
    const [, , , mutual] = ports;
    const url = `https://127.0.0.1:${mutual}/`;
    const ca = authority.cert;
    expect((await ask(url, { ca, ...makeCertificate({ name: "client", issuer: authority }) })).text).toBe("hello");
    await expect(ask(url, { ca })).rejects.toMatchObject({
      code: expect.stringMatching(/CERTIFICATE_REQUIRED|ECONNRESET/),
    });
    const foreign = makeCertificate({ name: "client", issuer: stranger });
    await expect(ask(url, { ca, ...foreign })).rejects.toMatchObject({
      code: expect.stringMatching(/ALERT|ECONNRESET/),
    });
  });

  test("a client that speaks plain HTTP to a TLS listener harms nobody", async () => {
    await expect(ask(`http://127.0.0.1:${ports[0]}/`)).rejects.toThrow();
    expect((await ask(`https://127.0.0.1:${ports[0]}/`, { ca: authority.cert })).status).toBe(200);
  });
});

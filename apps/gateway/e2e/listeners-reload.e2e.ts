import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { ensureSelfSigned } from "../src/config/tls/self-signed.ts";
import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { tells } from "./support/log.ts";
import { closedPort, type RawBackend, startReplyingBackend } from "./support/raw-backend.ts";
import { eventually, exchange } from "./support/raw-client.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

let backend: RawBackend;
let gateway: RunningGateway;

beforeAll(async () => {
  backend = await startReplyingBackend((_head, connection) => connection.reply("ok", "Cache-Control: no-store\r\n"));
});
afterAll(() => backend.close());
afterEach(() => gateway.stop());

async function answers(port: number): Promise<boolean> {
  return exchange(port, GET).then(
    ({ status }) => status === 200,
    () => false,
  );
}

test("a listener that stays misses no connection while another moves and a port in use is refused", async () => {
  const [staying, moving, target] = [await closedPort(), await closedPort(), await closedPort()];
  const config = testConfig([backend.port]);
  const listeners = (...ports: number[]) => ports.map((port) => ({ port, host: "127.0.0.1" }));
  const write = (...ports: number[]) =>
    writeFileSync(gateway.configFile, JSON.stringify({ ...config, listeners: listeners(...ports) }));
  gateway = await startGateway({ ...config, listeners: listeners(staying, moving) });

  let running = true;
  let served = 0;
  const hammer = (async () => {
    while (running) {
      expect((await exchange(staying, GET)).status).toBe(200);
      served++;
    }
  })();
  write(staying, target);
  await eventually(() => answers(target), "the moved listener answers");
  expect(await answers(moving)).toBe(false);
  write(staying, backend.port);
  await tells(gateway, `Port ${backend.port} is in use`);
  expect(await answers(target)).toBe(true);
  running = false;
  await hammer;
  expect(served).toBeGreaterThan(10);
});

test("a renewed certificate is shown to new connections, on the same listener, with the same order of ciphers", async () => {
  const port = await closedPort();
  const config = testConfig([backend.port]);
  gateway = await startGateway({ ...config, listeners: [{ port, host: "127.0.0.1", tls: "self-signed" }] });
  const { certificate: before } = await shownAt(port);
  const folder = join(gateway.folder, "renewed");
  await ensureSelfSigned(folder, Date.now());
  const tls = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  writeFileSync(gateway.configFile, JSON.stringify({ ...config, listeners: [{ port, host: "127.0.0.1", tls }] }));
  await eventually(async () => (await shownAt(port)).certificate !== before, "the certificate is another");
  expect((await shownAt(port)).cipher).toBe("TLS_AES_128_GCM_SHA256");
});

async function shownAt(port: number): Promise<{ certificate: string; cipher: string }> {
  const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { fingerprint256 } = new X509Certificate(socket.getPeerCertificate(true).raw);
  const { standardName } = socket.getCipher();
  socket.destroy();
  return { certificate: fingerprint256, cipher: standardName };
}

import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { closedPort } from "./support/raw-backend.ts";
import { exchange } from "./support/raw-client.ts";
import { fieldNames, fieldOf, fieldsOf } from "./support/raw-reader.ts";
import { startRoutedBackend } from "./support/routed-backend.ts";
import { accessLine, stage } from "./support/stage.ts";

const SPOOFED = [
  "X-Forwarded-For: 6.6.6.6",
  "x-forwarded-for: 7.7.7.7",
  "X-Forwarded-Proto: https",
  "X-Forwarded-Host: bank.example",
  "X-Forwarded-Port: 443",
  "X-Forwarded-Prefix: /admin",
  "X-Forwarded-User: root",
  "X-Real-IP: 6.6.6.6",
  "Forwarded: for=6.6.6.6;host=bank.example;proto=https",
  "X-Request-Id: chosen-by-client",
  "",
].join("\r\n");

describe("a peer that is not trusted", () => {
  const here = stage();

  test("has all that it says of the way here replaced by what the gateway sees", async () => {
    const { http } = here.gateway;
    const request = `GET /spoofed HTTP/1.1\r\nHost: shop.example\r\n${SPOOFED}\r\n`;
    const { head, body } = await exchange(http, request);
    expect(body).not.toMatch(/6\.6\.6\.6|7\.7\.7\.7|bank\.example|root|chosen-by-client/);
    expect(fieldsOf(body, "x-forwarded-for")).toEqual(["127.0.0.1"]);
    expect(fieldsOf(body, "x-forwarded-proto")).toEqual(["http"]);
    expect(fieldsOf(body, "x-forwarded-host")).toEqual(["shop.example"]);
    expect(fieldsOf(body, "x-forwarded-port")).toEqual([String(http)]);
    expect(fieldsOf(body, "forwarded")).toEqual(["for=127.0.0.1;host=shop.example;proto=http"]);
    const names = fieldNames(body);
    for (const name of ["x-real-ip", "x-forwarded-prefix", "x-forwarded-user"]) expect(names).not.toContain(name);
    expect(fieldsOf(body, "x-request-id")).toEqual(fieldsOf(head, "x-request-id"));
  });

  test.each(["X_Forwarded_For: 6.6.6.6", "X-Forwarded-For : 6.6.6.6", "X-Forwarded-For\t: 6.6.6.6"])(
    "cannot bring an address past that by writing %j",
    async (line) => {
      const { status, body } = await exchange(here.gateway.http, `GET /sly HTTP/1.1\r\nHost: a\r\n${line}\r\n\r\n`);
      if (status === 200) expect(fieldsOf(body, "x-forwarded-for")).toEqual(["127.0.0.1"]);
      else expect(status).toBe(400);
    },
  );

  test("is the client in the log", async () => {
    await exchange(here.gateway.http, `GET /who HTTP/1.1\r\nHost: a\r\n${SPOOFED}\r\n`);
    expect(await accessLine(here.gateway, "/who")).toMatchObject({ client: "127.0.0.1" });
  });

  test("starts a Via of its own, and continues one that came", async () => {
    const without = await exchange(here.gateway.http, "GET /via HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(fieldsOf(without.body, "via")).toEqual(["1.1 headgate"]);
    const withOne = await exchange(here.gateway.http, "GET /via HTTP/1.0\r\nHost: a\r\nVia: 2 edge\r\n\r\n");
    expect(fieldsOf(withOne.body, "via")).toEqual(["2 edge, 1.0 headgate"]);
    expect(fieldOf(withOne.head, "via")).toBe("1.1 headgate");
  });
});

describe("a trusted peer", () => {
  const here = stage({ trustedProxies: ["127.0.0.1"] });

  test("is believed, and appended to once", async () => {
    const { head, body } = await exchange(
      here.gateway.http,
      `GET /told HTTP/1.1\r\nHost: shop.example\r\n${SPOOFED}\r\n`,
    );
    expect(fieldsOf(body, "x-forwarded-for")).toEqual(["6.6.6.6, 7.7.7.7, 127.0.0.1"]);
    expect(fieldsOf(body, "x-forwarded-proto")).toEqual(["https"]);
    expect(fieldsOf(body, "x-forwarded-host")).toEqual(["bank.example"]);
    expect(fieldsOf(body, "x-forwarded-port")).toEqual(["443"]);
    expect(fieldsOf(body, "forwarded")).toEqual([
      "for=6.6.6.6;host=bank.example;proto=https, for=127.0.0.1;host=shop.example;proto=http",
    ]);
    expect(fieldsOf(body, "x-request-id")).toEqual(["chosen-by-client"]);
    expect(fieldsOf(head, "x-request-id")).toEqual(["chosen-by-client"]);
    expect(await accessLine(here.gateway, "/told")).toMatchObject({ client: "7.7.7.7", id: "chosen-by-client" });
  });

  test("that says nothing gets the same fields as any peer", async () => {
    const { body } = await exchange(here.gateway.http, "GET /silent HTTP/1.1\r\nHost: shop.example\r\n\r\n");
    expect(fieldsOf(body, "x-forwarded-for")).toEqual(["127.0.0.1"]);
    expect(fieldsOf(body, "x-forwarded-proto")).toEqual(["http"]);
    expect(fieldsOf(body, "forwarded")).toEqual(["for=127.0.0.1;host=shop.example;proto=http"]);
  });

  test("may not choose an id that would break a log or a field", async () => {
    const request = 'GET /bad-id HTTP/1.1\r\nHost: a\r\nX-Request-Id: "<script>"\r\n\r\n';
    const { body } = await exchange(here.gateway.http, request);
    expect(fieldOf(body, "x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
});

test("an attempt at another backend appends no second time", async () => {
  let gateway: RunningGateway | null = null;
  const backend = await startRoutedBackend();
  try {
    const config = testConfig([await closedPort(), backend.port], { trustedProxies: ["127.0.0.1"] });
    gateway = await startGateway(config);
    const fields = "X-Forwarded-For: 6.6.6.6\r\nVia: 1.1 edge\r\n";
    for (let i = 0; i < 2; i++) {
      const { body } = await exchange(gateway.http, `GET /again HTTP/1.1\r\nHost: a\r\n${fields}\r\n`);
      expect(fieldsOf(body, "x-forwarded-for")).toEqual(["6.6.6.6, 127.0.0.1"]);
      expect(fieldsOf(body, "via")).toEqual(["1.1 edge, 1.1 headgate"]);
    }
  } finally {
    await gateway?.stop();
    await backend.close();
  }
});

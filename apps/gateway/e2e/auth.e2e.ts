import { headgate, inFolder } from "./support/command.ts";
import { ask } from "./support/http-client.ts";
import { tells } from "./support/log.ts";
import { Origin } from "./support/origin.ts";
import { RawClient } from "./support/raw-client.ts";

const SECRET = "a-very-secret-key-of-ann";

let origin: Origin;
beforeAll(async () => {
  origin = await Origin.start({
    auth: {
      header: "X-Team-Key",
      apiKeys: [
        { name: "ann", key: SECRET },
        { name: "ben", key: "another-key-of-ben" },
      ],
    },
    routes: [
      { path: "/open", auth: "none" },
      { path: "/", cache: false },
    ],
  });
  origin.counts("/");
  origin.counts("/open");
});
afterAll(() => origin.stop());

test("each of several named keys is let in by the field of the config", async () => {
  for (const key of [SECRET, "another-key-of-ben"]) {
    expect((await origin.get("/", { "X-Team-Key": key })).status).toBe(200);
    expect((await origin.get("/", { "x-team-key": key })).status).toBe(200);
  }
  await tells(origin.gateway, '"identity":"ann"');
  await tells(origin.gateway, '"identity":"ben"');
});

test("each request of a connection is let in by its own key, whatever the one before it had", async () => {
  const client = await RawClient.open(origin.gateway.http);
  const request = (...lines: string[]) =>
    `GET / HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;
  const right = request(`X-Team-Key: ${SECRET}`);
  // Of the same length, so that nothing but the key itself differs.
  const wrong = request(`X-Team-Key: ${SECRET.slice(0, -1)}X`);
  const statuses: number[] = [];
  for (const text of [right, right, wrong, right, request(), right, right]) {
    client.send(text);
    statuses.push((await client.readResponse()).status);
  }
  client.socket.destroy();
  expect(statuses).toEqual([200, 200, 401, 200, 401, 200, 200]);
});

test.each([
  ["no key", {}, "missing-credential"],
  ["a wrong key", { "X-Team-Key": "wrong" }, "invalid-credential"],
  ["a key with something behind it", { "X-Team-Key": `${SECRET}x` }, "invalid-credential"],
  ["the beginning of a key", { "X-Team-Key": SECRET.slice(0, -1) }, "invalid-credential"],
  ["an empty key", { "X-Team-Key": "" }, "missing-credential"],
  ["a key in the usual field", { "X-API-Key": SECRET }, "missing-credential"],
])("%s: 401 with a problem and WWW-Authenticate, and no request to the backend", async (_name, headers, code) => {
  const before = origin.asked("/");
  const answer = await origin.get("/", headers);
  expect(answer.status).toBe(401);
  expect(answer.headers["content-type"]).toBe("application/problem+json");
  expect(answer.headers["www-authenticate"]).toBe('ApiKey realm="headgate", header="X-Team-Key"');
  expect(answer.headers["cache-control"]).toBe("no-store");
  expect(JSON.parse(answer.text)).toMatchObject({ status: 401, code, detail: expect.stringContaining("X-Team-Key") });
  expect(answer.text).not.toContain(SECRET.slice(0, -1));
  expect(origin.asked("/")).toBe(before);
});

test("a browser gets a page instead of JSON", async () => {
  const { status, headers, text } = await origin.get("/", { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" });
  expect(status).toBe(401);
  expect(headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(text).toMatch(/<html[\s>]/);
});

test("a route with auth: none asks for no key, whatever is sent", async () => {
  for (const headers of [{}, { "X-Team-Key": "wrong" }]) expect((await origin.get("/open", headers)).status).toBe(200);
});

test("the key is neither sent to the backend nor logged nor told by the admin API", async () => {
  await origin.get("/", { "X-Team-Key": SECRET, "X-Request-Id": "of-interest" });
  await origin.get("/", { "X-Team-Key": [SECRET, SECRET] });
  const last = await origin.get("/open", { "X-Team-Key": SECRET });
  await tells(origin.gateway, `"id":"${last.headers["x-request-id"]}"`);
  for (const { headers } of origin.backend.requests) expect(JSON.stringify(headers)).not.toContain(SECRET);
  expect(origin.backend.requests.at(-1)?.headers).not.toHaveProperty("x-team-key");
  for (const path of ["/api/config", "/metrics", "/api/backends", "/api/live"]) {
    expect((await ask(`${origin.gateway.admin}${path}`)).text).not.toContain(SECRET);
  }
  expect(origin.gateway.log()).not.toContain(SECRET);
});

test("headgate check shows keys only where it is asked to", async () => {
  const config = JSON.stringify({ auth: { apiKeys: [{ name: "ann", key: SECRET }] } });
  await inFolder({ "headgate.config.json": config }, async (folder) => {
    const { code, stdout } = await headgate(["check"], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).not.toContain(SECRET);
    expect((await headgate(["check", "--show-secrets"], { cwd: folder })).stdout).toContain(SECRET);
  });
});

import { createServer } from "node:https";
import { isLoopback, probe } from "../src/probe.ts";
import { selfSigned } from "./certificate.ts";
import { closeServers, serve, serveOn } from "./support.ts";

afterEach(closeServers);

test.each([
  ["https://localhost:1/", true],
  ["https://a.localhost/", true],
  ["http://127.3.2.1/", true],
  ["http://[::1]:8080/", true],
  ["https://example.com/", false],
  ["https://127.0.0.1.example.com/", false],
  ["https://10.0.0.1/", false],
])("%s on loopback: %s", (url, expected) => {
  expect(isLoopback(new URL(url))).toBe(expected);
});

test("a server is reached without sending it anything", async () => {
  let requests = 0;
  const url = await serve(() => {
    requests += 1;
  });
  expect(await probe(new URL(url), false)).toEqual({ kind: "reachable" });
  expect(requests).toBe(0);
});

test("a self-signed certificate is fine on loopback", async () => {
  const url = (await serveOn(createServer(selfSigned()))).replace("http:", "https:");
  expect(await probe(new URL(url), false)).toEqual({ kind: "reachable" });
});

test("nothing there, no such host and plain HTTP under https are told apart", async () => {
  const plain = await serve(() => undefined);
  const wrong = await probe(new URL(plain.replace("http:", "https:")), false);
  expect(wrong).toEqual({ kind: "unreachable", reason: expect.stringContaining("does not speak TLS; try http://") });
  closeServers();
  const refused = await probe(new URL(plain), false);
  expect(refused).toEqual({ kind: "unreachable", reason: expect.stringContaining("nothing listens there") });
  const unknown = await probe(new URL("http://-.-/"), false);
  expect(unknown).toEqual({
    kind: "unreachable",
    reason: expect.stringMatching(/host .* (is not known|cannot be looked up)/),
  });
});

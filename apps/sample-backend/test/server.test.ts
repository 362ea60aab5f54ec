import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { selfSigned } from "../src/certificate.ts";
import { start, stopAll } from "./support.ts";

afterEach(stopAll);

test("the certificate covers loopback and the host, and is valid now", () => {
  const { cert } = selfSigned("backend.test", Date.now());
  const parsed = new X509Certificate(cert);
  for (const name of ["localhost", "backend.test"]) expect(parsed.checkHost(name)).toBe(name);
  for (const ip of ["127.0.0.1", "::1"]) expect(parsed.checkIP(ip)).toBe(ip);
  expect(Date.parse(parsed.validFrom)).toBeLessThan(Date.now());
  expect(Date.parse(parsed.validTo)).toBeGreaterThan(Date.now() + 86_400_000);
});

test("--tls serves https", async () => {
  const { url } = await start({ tls: true });
  expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  const [response] = (await once(get(`${url}/x`, { rejectUnauthorized: false, agent: false }), "response")) as [
    IncomingMessage,
  ];
  let text = "";
  for await (const chunk of response) text += String(chunk);
  expect(JSON.parse(text)).toMatchObject({ path: "/x" });
});

test("an IPv6 host is written in brackets", async () => {
  const { url } = await start({ host: "::1" });
  expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/);
  expect((await fetch(url)).status).toBe(200);
});

test("a port in use, a foreign address and an unknown host are told plainly", async () => {
  const { port } = await start();
  await expect(start({ port })).rejects.toThrow(`port ${port} on 127.0.0.1 is in use`);
  await expect(start({ host: "203.0.113.1" })).rejects.toThrow("203.0.113.1 is not an address of this machine");
  await expect(start({ host: "256.0.0.1" })).rejects.toThrow("the host 256.0.0.1 is not known");
});

test("stopping lets a running request finish and cuts endless ones off", async () => {
  const backend = await start();
  const stream = await fetch(`${backend.url}/events`);
  const slow = fetch(`${backend.url}/?delay=200`);
  while (((await (await fetch(`${backend.url}/health`)).json()) as { load: { active: number } }).load.active < 2);
  const began = performance.now();
  const stopped = stopAll();
  expect((await slow).status).toBe(200);
  await expect(stream.text()).rejects.toThrow();
  await stopped;
  expect(performance.now() - began).toBeLessThan(2000);
  await expect(fetch(backend.url)).rejects.toThrow();
});

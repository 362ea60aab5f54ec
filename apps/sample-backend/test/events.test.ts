import { firstLine, start, stopAll } from "./support.ts";

afterEach(stopAll);

test("ticks come one by one, numbered, until the count is reached", async () => {
  const { url, port } = await start();
  const response = await fetch(`${url}/events?interval=10&count=3`);
  expect(response.headers.get("Content-Type")).toBe("text/event-stream; charset=utf-8");
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  const tick = (id: number) => `id: ${id}\nevent: tick\ndata: {"port":${port},"tick":${id}}\n\n`;
  expect(await response.text()).toBe(tick(1) + tick(2) + tick(3));
});

test("the first tick does not wait for the interval, and leaving ends the stream", async () => {
  const lines: string[] = [];
  const { url } = await start({ debug: true }, lines);
  const response = await fetch(`${url}/events?interval=60000`);
  const reader = response.body?.getReader();
  const first = await reader?.read();
  expect(Buffer.from(first?.value ?? []).toString()).toContain("id: 1\n");
  await reader?.cancel();
  expect(await firstLine(lines)).toMatch(/^GET \/events\S+ cut off/);
});

test("wrong parameters are told together", async () => {
  const { url } = await start();
  const response = await fetch(`${url}/events?interval=1&count=many`);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    problems: [expect.stringContaining('interval: got "1"'), expect.stringContaining('count: got "many"')],
  });
});

import { once } from "node:events";
import { Agent } from "node:http";
import { Origin, told } from "./support/origin.ts";
import { eventually } from "./support/raw-client.ts";

const CLIENTS = 1000;

let origin: Origin;
const agent = new Agent({ keepAlive: true });
beforeAll(async () => {
  origin = await Origin.start();
});
afterAll(async () => {
  agent.destroy();
  await origin.stop();
});

/** Resolves when the test lets it. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** How many requests are in flight at the gateway, by its own word. */
async function inFlight(): Promise<number> {
  const metrics = await (await fetch(`${origin.gateway.admin}/metrics`)).text();
  return Number(/^headgate_exchanges_active (\d+)/m.exec(metrics)?.[1]);
}

test("a thousand identical requests for what is not stored make one request to the backend", async () => {
  const { opened, open } = gate();
  origin.at("/crowd", async (_request, response) => {
    await opened;
    response.writeHead(200, { "Cache-Control": "max-age=60" }).end("for all");
  });
  const answers = Array.from({ length: CLIENTS }, () => origin.get("/crowd", {}, { agent }));
  await eventually(() => origin.asked("/crowd") === 1, "the first is at the backend");
  open();
  const all = await Promise.all(answers);
  expect(all.filter(({ status, text }) => status !== 200 || text !== "for all")).toEqual([]);
  expect(origin.asked("/crowd")).toBe(1);
  const collapsed = all.filter(({ headers }) => headers["cache-status"]?.includes("; collapsed"));
  expect(collapsed.length).toBeGreaterThan(0);
  expect(all.filter(({ headers }) => headers["x-cache"] === "MISS")).toHaveLength(1 + collapsed.length);
});

test("a thousand requests for what is private get a thousand answers of their own", async () => {
  origin.counts("/own", { "Cache-Control": "private" });
  const all = await Promise.all(Array.from({ length: CLIENTS }, () => origin.get("/own", {}, { agent })));
  expect(new Set(all.map(({ text }) => text)).size).toBe(CLIENTS);
  expect(origin.asked("/own")).toBe(CLIENTS);
});

test("a body is handed to all who wait as it comes, and what comes late still gets the whole", async () => {
  const { opened, open } = gate();
  origin.at("/stream", async (_request, response) => {
    response.writeHead(200, { "Cache-Control": "max-age=60" }).write("begun, ");
    await opened;
    response.end("ended");
  });
  const first = origin.get("/stream");
  await eventually(() => origin.asked("/stream") === 1, "it has begun");
  const second = origin.get("/stream");
  open();
  for (const answer of await Promise.all([first, second])) expect(answer.text).toBe("begun, ended");
  expect(told(await origin.get("/stream"))).toBe("HIT begun, ended");
  expect(origin.asked("/stream")).toBe(1);
});

test("when the client that asked first leaves, the others still get the answer it asked for", async () => {
  const { opened, open } = gate();
  origin.at("/left", async (_request, response) => {
    await opened;
    response.writeHead(200, { "Cache-Control": "max-age=60" }).end("still here");
  });
  const leaving = new AbortController();
  const leader = origin.get("/left", {}, { signal: leaving.signal });
  const gone = expect(leader).rejects.toMatchObject({ name: "AbortError" });
  await eventually(() => origin.asked("/left") === 1, "the first is at the backend");
  const followers = Array.from({ length: 5 }, () => origin.get("/left"));
  await eventually(async () => (await inFlight()) === 6, "the others wait with it");
  leaving.abort();
  await gone;
  await eventually(async () => (await inFlight()) === 5, "the first has gone");
  open();
  for (const { text } of await Promise.all(followers)) expect(text).toBe("still here");
  expect(origin.asked("/left")).toBe(1);
  expect(told(await origin.get("/left"))).toBe("HIT still here");
});

test("when the last one leaves, the backend is told", async () => {
  const cut = gate();
  origin.at("/abandoned", async (_request, response) => {
    await once(response, "close");
    cut.open();
  });
  const leaving = new AbortController();
  const all = Array.from({ length: 3 }, () => origin.get("/abandoned", {}, { signal: leaving.signal }));
  const gone = Promise.allSettled(all);
  await eventually(async () => (await inFlight()) === 3 && origin.asked("/abandoned") === 1, "all wait");
  leaving.abort();
  await gone;
  await cut.opened;
});

test("where the one request fails, all who wait are told, and the next one asks anew", async () => {
  const { opened, open } = gate();
  origin.at("/broken", async (_request, response) => {
    await opened;
    response.destroy();
  });
  const all = Array.from({ length: 4 }, () => origin.get("/broken"));
  await eventually(async () => (await inFlight()) === 4, "all wait");
  open();
  for (const { status, text } of await Promise.all(all)) {
    expect({ status, code: JSON.parse(text).code }).toEqual({ status: 502, code: "upstream-reset" });
  }
  origin.counts("/broken");
  expect(told(await origin.get("/broken"))).toBe("MISS 1");
});

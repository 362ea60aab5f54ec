import { once } from "node:events";
import { Agent } from "node:http";
import { askJson } from "./support/http-client.ts";
import { Origin, told } from "./support/origin.ts";
import type { Answering } from "./support/plain-backend.ts";

const MIB = 1024 * 1024;

interface Stats {
  readonly entries: number;
  readonly bytes: number;
  readonly maxBytes: number;
  readonly fillingBytes: number;
  readonly reasons: readonly { readonly result: string; readonly reason: string; readonly count: number }[];
}

const statsOf = async (origin: Origin): Promise<Stats> =>
  (await askJson(`${origin.gateway.admin}/api/cache`)).json as Stats;

test("what the cache counts is what the process takes, within reason, and never more than it may", async () => {
  const origin = await Origin.start({ cache: { entries: 100_000, memory: "32MiB" } });
  try {
    const body = "x".repeat(16 * 1024);
    const agent = new Agent({ keepAlive: true });
    const ask3000 = async (path: string, control: string): Promise<void> => {
      origin.at(path, (_request, response) => void response.writeHead(200, { "Cache-Control": control }).end(body));
      for (let i = 0; i < 3000; i += 20)
        await Promise.all(Array.from({ length: 20 }, (_, n) => origin.get(`${path}?i=${i + n}`, {}, { agent })));
    };
    // What the traffic itself takes is there before memory is measured.
    await ask3000("/passing", "no-store");
    const before = origin.gateway.memory();
    await ask3000("/kept", "max-age=600");
    agent.destroy();
    const { bytes, maxBytes, entries } = await statsOf(origin);
    expect(maxBytes).toBe(32 * MIB);
    expect(bytes).toBeLessThanOrEqual(maxBytes);
    expect(bytes).toBeGreaterThan(0.9 * maxBytes);
    expect(bytes / entries).toBeGreaterThan(body.length);
    // Beside it there is what was evicted and not collected yet, the same for caches of any size.
    expect(origin.gateway.memory() - before).toBeLessThan(1.5 * maxBytes + 64 * MIB);
  } finally {
    await origin.stop();
  }
});

test("entries that are mostly fields stay within the heap that Node has, whatever the cache may take", async () => {
  const env = { NODE_OPTIONS: "--max-old-space-size=128" };
  const origin = await Origin.start({ cache: { entries: 1_000_000, memory: "2GiB" } }, env);
  try {
    const value = "x".repeat(6000);
    const fields = { "Cache-Control": "max-age=600", "X-One": value, "X-Two": value };
    origin.at("/", (_request, response) => void response.writeHead(200, fields).end());
    const agent = new Agent({ keepAlive: true });
    // More than the heap holds.
    for (let i = 0; i < 12_000; i += 30)
      await Promise.all(Array.from({ length: 30 }, (_, n) => origin.get(`/?i=${i + n}`, {}, { agent })));
    agent.destroy();
    const { entries, bytes } = await statsOf(origin);
    expect(bytes).toBeLessThan(64 * MIB);
    expect(entries).toBeGreaterThan(500);
    expect(origin.gateway.log()).toMatch(
      /cache\.memory is 2GiB: bodies may take all of it, what is kept beside them at most \d+MiB/,
    );
  } finally {
    await origin.stop();
  }
});

test("one response larger than the cache takes nothing away", async () => {
  const origin = await Origin.start({ cache: { memory: "1MiB" } });
  try {
    origin.counts("/small", { "Cache-Control": "max-age=600" });
    await origin.get("/small");
    origin.at("/giant", (_request, response) => {
      response.writeHead(200, { "Cache-Control": "max-age=600" }).end("x".repeat(2 * MIB));
    });
    const giant = await origin.get("/giant");
    expect([giant.status, giant.bytes.length]).toEqual([200, 2 * MIB]);
    expect(told(await origin.get("/small"))).toBe("HIT 1");
  } finally {
    await origin.stop();
  }
});

const LENGTH = 14 * MIB;
const CROWD = 20;

/** Answers of `LENGTH` bytes that stop half-way until `CROWD` of them are there. */
function largeAnswers(control: string): { readonly answer: Answering; readonly halfway: Promise<void> } {
  const piece = Buffer.alloc(64 * 1024, "x");
  let open = 0;
  let release = (): void => undefined;
  const halfway = new Promise<void>((resolve) => {
    release = resolve;
  });
  const answer: Answering = async (_request, response) => {
    response.writeHead(200, { "Cache-Control": control });
    for (let sent = 0; sent < LENGTH; sent += piece.length) {
      if (sent === LENGTH / 2 && ++open === CROWD) release();
      if (sent === LENGTH / 2) await halfway;
      if (!response.write(piece)) await once(response, "drain");
    }
    response.end();
  };
  return { answer, halfway };
}

test("bodies on their way take no more than the cache may, and are whole all the same", async () => {
  const origin = await Origin.start({ cache: { memory: "2MiB", entries: 1000 } });
  try {
    const ask = (path: string) => Array.from({ length: CROWD }, (_, n) => origin.get(`${path}?n=${n}`));
    origin.at("/passing", largeAnswers("no-store").answer);
    await Promise.all(ask("/passing"));
    const before = origin.gateway.memory();
    const { answer, halfway } = largeAnswers("max-age=600");
    origin.at("/large", answer);
    const asked = ask("/large");
    await halfway;
    const { fillingBytes, maxBytes } = await statsOf(origin);
    expect(fillingBytes).toBeLessThanOrEqual(maxBytes);
    // Together they have brought 140 by now; the rest of what the process takes is the collector's.
    expect(origin.gateway.memory() - before).toBeLessThan(70 * MIB);
    const answers = await Promise.all(asked);
    expect(answers.map(({ bytes }) => bytes.length)).toEqual(Array(CROWD).fill(LENGTH));
    const { fillingBytes: left, reasons } = await statsOf(origin);
    expect(left).toBe(0);
    expect(reasons).toContainEqual({ result: "MISS", reason: "no-room", count: expect.any(Number) });
  } finally {
    await origin.stop();
  }
});

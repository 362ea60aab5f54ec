import { ask, askJson } from "./support/http-client.ts";
import { Origin, told } from "./support/origin.ts";
import { eventually } from "./support/raw-client.ts";

let origin: Origin;
beforeAll(async () => {
  origin = await Origin.start({ routes: [{ path: "/", auth: "none", cache: { purge: {} } }] });
});
afterAll(() => origin.stop());

const LONG = { "Cache-Control": "max-age=600", "Cache-Tag": "page" };

/**
 * A page whose first GET reads it before the change and is answered after it: `release` lets that go. With `begun`, its head
 * and a first part have been sent by then.
 */
function page(path: string, begun: boolean): { release(): void } {
  let version = 1;
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isFirst = true;
  origin.at(path, async ({ method }, response) => {
    if (method === "POST") version++;
    const shown = `version ${version}`;
    const waits = method === "GET" && isFirst;
    if (method === "GET") isFirst = false;
    response.writeHead(200, LONG);
    if (waits && begun) response.write(shown.slice(0, 3));
    if (waits) await released;
    response.end(waits && begun ? shown.slice(3) : shown);
  });
  return { release };
}

const CHANGES: [string, (path: string) => Promise<{ status: number }>][] = [
  ["a POST to it", (path) => ask(origin.url(path), { method: "POST", body: "x" })],
  [
    "a purge of its URL",
    async (path) => {
      await ask(origin.url(path), { method: "POST", body: "x", headers: { Host: "elsewhere.example" } });
      return ask(origin.url(path), { method: "PURGE" });
    },
  ],
  [
    "a purge of everything",
    async (path) => {
      await ask(origin.url(path), { method: "POST", body: "x", headers: { Host: "elsewhere.example" } });
      return askJson(`${origin.gateway.admin}/api/cache/purge`, "POST", { all: true });
    },
  ],
  [
    "a soft purge of its tag",
    async (path) => {
      await ask(origin.url(path), { method: "POST", body: "x", headers: { Host: "elsewhere.example" } });
      return askJson(`${origin.gateway.admin}/api/cache/purge`, "POST", { tag: "page", soft: true });
    },
  ],
];

describe.each([
  ["before its head", false],
  ["in its body", true],
])("a GET under way (%s)", (where, begun) => {
  test.each(CHANGES)("is neither joined nor stored after %s", async (name, change) => {
    const path = `/${`${where} ${name}`.replaceAll(" ", "-")}`;
    const { release } = page(path, begun);
    const early = origin.get(path);
    await eventually(() => origin.asked(path) === 1, "the first GET is at the backend");
    expect((await change(path)).status).toBe(200);
    const late = await origin.get(path);
    expect(told(late)).toBe("MISS version 2");
    release();
    expect((await early).text).toBe("version 1");
    expect(told(await origin.get(path))).toBe("HIT version 2");
  });
});

test("what is kept out is told as purged", async () => {
  const { release } = page("/told", false);
  const early = origin.get("/told");
  await eventually(() => origin.asked("/told") === 1, "it is at the backend");
  await ask(origin.url("/told"), { method: "PURGE" });
  release();
  expect((await early).headers["cache-status"]).toMatch(/^headgate; fwd=uri-miss; ttl=\d+; detail=purged$/);
});

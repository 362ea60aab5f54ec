import { Agent } from "node:http";
import { Origin, told } from "./support/origin.ts";

const CLIENTS = 100;
const KEYS = { alice: "key-of-alice", bob: "key-of-bob" };

let origin: Origin;
const agent = new Agent({ keepAlive: true });
beforeAll(async () => {
  origin = await Origin.start({
    auth: { apiKeys: Object.entries(KEYS).map(([name, key]) => ({ name, key })) },
    routes: [
      { path: "/open", auth: "none" },
      { path: "/", auth: "api-key" },
    ],
  });
});
afterAll(async () => {
  agent.destroy();
  await origin.stop();
});

/** Both ask at the same time, many times each; what each of them was given. */
async function both(path: string): Promise<Record<keyof typeof KEYS, string[]>> {
  const ask = (name: keyof typeof KEYS) =>
    Array.from({ length: CLIENTS }, async () => {
      // The key itself stays at the gateway: the backend knows its users by another field.
      const headers = { "X-API-Key": KEYS[name], "X-User": name };
      return (await origin.get(path, headers, { agent })).text;
    });
  const [alices, bobs] = [ask("alice"), ask("bob")];
  return { alice: await Promise.all(alices), bob: await Promise.all(bobs) };
}

/** Answers with the user, after a while. */
function tellsUser(path: string, fields: Record<string, string>): void {
  origin.at(path, ({ headers }, response) => {
    setTimeout(() => response.writeHead(200, fields).end(`for ${headers["x-user"]}`), 20);
  });
}

test.each([
  ["a lifetime", { "Cache-Control": "max-age=60" }],
  ["nothing said", {}],
  ["must-revalidate", { "Cache-Control": "max-age=60, must-revalidate" }],
  ["private", { "Cache-Control": "private" }],
])("of a crowd with two keys nobody gets what was made for the other: %s", async (name, fields) => {
  const path = `/crowd-${name.replaceAll(" ", "-")}`;
  tellsUser(path, fields);
  for (const round of [await both(path), await both(path)]) {
    expect(new Set(round.alice)).toEqual(new Set(["for alice"]));
    expect(new Set(round.bob)).toEqual(new Set(["for bob"]));
  }
});

test("each key's crowd makes next to one request, and what is public makes one for all", async () => {
  tellsUser("/each", { "Cache-Control": "max-age=60" });
  await both("/each");
  // Whoever comes between the answers for the two finds neither.
  expect(origin.asked("/each")).toBeLessThan(6);
  tellsUser("/public", { "Cache-Control": "public, max-age=60" });
  const { alice, bob } = await both("/public");
  expect(new Set([...alice, ...bob]).size).toBe(1);
  expect(origin.asked("/public")).toBe(1);
});

test("what was stored for a key is not given to those without one, nor the other way round", async () => {
  tellsUser("/open", { "Cache-Control": "max-age=60" });
  const alice = { "X-API-Key": KEYS.alice, "X-User": "alice" };
  expect(told(await origin.get("/open", { "X-User": "nobody" }))).toBe("MISS for nobody");
  expect(told(await origin.get("/open"))).toBe("HIT for nobody");
  // A route without auth knows nobody by name, whatever key is shown.
  expect(told(await origin.get("/open", alice))).toBe("HIT for nobody");
});

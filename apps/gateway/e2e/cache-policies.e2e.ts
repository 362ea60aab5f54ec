import { Origin, told } from "./support/origin.ts";
import { eventually } from "./support/raw-client.ts";

let origin: Origin;
beforeAll(async () => {
  const route = (path: string, cache: object) => ({ path, auth: "none" as const, cache });
  origin = await Origin.start({
    routes: [
      route("/ttl-none", { ttl: 0 }),
      route("/ttl-short", { ttl: "1s" }),
      route("/allow", { key: { query: { allow: ["page", "f_*"] } } }),
      route("/deny", { key: { query: { deny: ["utm_*"] } } }),
      route("/none", { key: { query: "none" } }),
      route("/sorted", { key: { sortQuery: true } }),
      route("/cookies", { key: { cookies: ["theme"] } }),
      route("/headers", { key: { headers: ["X-Tenant"] } }),
      route("/bypass", { bypass: { headers: ["X-Preview"], cookies: ["session"], query: ["draft"] } }),
      route("/small", { objectSize: 10 }),
      route("/set-cookie-refuse", { setCookie: "refuse" }),
      route("/set-cookie-strip", { setCookie: "strip" }),
      route("/set-cookie-store", { setCookie: "store" }),
      route("/ignore", { ignoreRequestControl: true }),
      { path: "/", auth: "none" },
    ],
  });
});
afterAll(() => origin.stop());

const LONG = { "Cache-Control": "max-age=600" };

/** What each of these requests is told, one after the other. */
async function series(...requests: [path: string, headers?: Record<string, string>][]): Promise<string[]> {
  const answers: string[] = [];
  for (const [path, headers] of requests) answers.push(told(await origin.get(path, headers)));
  return answers;
}

test("ttl: how long a response lives that does not say so itself", async () => {
  origin.counts("/ttl-none");
  expect(await series(["/ttl-none"], ["/ttl-none"])).toEqual(["MISS 1", "MISS 2"]);
  origin.counts("/ttl-short");
  const first = await origin.get("/ttl-short");
  expect(first.headers["cache-status"]).toMatch(/; ttl=[01]; stored$/);
  await eventually(async () => told(await origin.get("/ttl-short")) === "MISS 2", "it has become stale");
});

test("key.query: which parameters count", async () => {
  for (const path of ["/allow", "/deny", "/none", "/sorted", "/plain"]) origin.counts(path, LONG);
  expect(await series(["/allow?page=1&x=1&f_a=1"], ["/allow?x=2&page=1&f_a=1"], ["/allow?page=1&f_a=2"])).toEqual([
    "MISS 1",
    "HIT 1",
    "MISS 2",
  ]);
  expect(await series(["/deny?id=1&utm_source=a"], ["/deny?utm_medium=b&id=1"], ["/deny?id=2"])).toEqual([
    "MISS 1",
    "HIT 1",
    "MISS 2",
  ]);
  expect(await series(["/none?a=1"], ["/none?b=2"], ["/none"])).toEqual(["MISS 1", "HIT 1", "HIT 1"]);
  expect(await series(["/sorted?b=1&a=2"], ["/sorted?a=2&b=1"], ["/sorted?a=1&b=2"])).toEqual([
    "MISS 1",
    "HIT 1",
    "MISS 2",
  ]);
  expect(await series(["/plain?b=1&a=2"], ["/plain?a=2&b=1"])).toEqual(["MISS 1", "MISS 2"]);
});

test("key.cookies: the named ones count, the others do not", async () => {
  origin.counts("/cookies");
  origin.counts("/plain-cookies");
  const cookie = (value: string) => ({ Cookie: value });
  expect(
    await series(
      ["/cookies", cookie("theme=dark; id=1")],
      ["/cookies", cookie("id=2; theme=dark")],
      ["/cookies", cookie("theme=light")],
      ["/cookies", cookie("id=3")],
    ),
  ).toEqual(["MISS 1", "HIT 1", "MISS 2", "MISS 3"]);
  // Without it nothing of no explicit lifetime is stored for, or given to, whoever has a cookie.
  expect(
    await series(["/plain-cookies", cookie("id=1")], ["/plain-cookies"], ["/plain-cookies", cookie("id=1")]),
  ).toEqual(["MISS 1", "MISS 2", "MISS 3"]);
});

test("key.headers: fields of the request that count", async () => {
  origin.counts("/headers", LONG);
  const tenant = (value: string) => ({ "X-Tenant": value });
  expect(await series(["/headers", tenant("a")], ["/headers", tenant("b")], ["/headers", tenant("a")])).toEqual([
    "MISS 1",
    "MISS 2",
    "HIT 1",
  ]);
});

test("bypass: which requests go past the cache, and why", async () => {
  origin.counts("/bypass", LONG);
  expect(await series(["/bypass"], ["/bypass"])).toEqual(["MISS 1", "HIT 1"]);
  const reasons: [string, Record<string, string>, string][] = [
    ["/bypass", { "X-Preview": "1" }, "bypass-header"],
    ["/bypass", { Cookie: "session=1" }, "bypass-cookie"],
    ["/bypass?draft=1", {}, "bypass-query"],
  ];
  for (const [path, headers, reason] of reasons) {
    const answer = await origin.get(path, headers);
    expect(answer.headers).toMatchObject({
      "x-cache": "BYPASS",
      "cache-status": `headgate; fwd=bypass; detail=${reason}`,
    });
  }
  expect(told(await origin.get("/bypass"))).toBe("HIT 1");
});

test("objectSize: a larger body passes through, whether it is announced or not", async () => {
  for (const framing of ["announced", "streamed"]) {
    const path = `/small/${framing}`;
    origin.at(path, (_request, response) => {
      if (framing === "announced") response.setHeader("Content-Length", 20);
      response.writeHead(200, LONG);
      response.write("0123456789", () => response.end("0123456789"));
    });
    expect(await series([path], [path])).toEqual(Array(2).fill(`MISS ${"0123456789".repeat(2)}`));
  }
  origin.counts("/small/fits", LONG);
  expect(await series(["/small/fits"], ["/small/fits"])).toEqual(["MISS 1", "HIT 1"]);
});

test("setCookie: responses that set a cookie", async () => {
  for (const policy of ["refuse", "strip", "store"]) {
    origin.counts(`/set-cookie-${policy}`, { ...LONG, "Set-Cookie": "id=1" });
  }
  expect(await series(["/set-cookie-refuse"], ["/set-cookie-refuse"])).toEqual(["MISS 1", "MISS 2"]);
  expect(await series(["/set-cookie-strip"], ["/set-cookie-strip"])).toEqual(["MISS 1", "HIT 1"]);
  expect((await origin.get("/set-cookie-strip")).headers["set-cookie"]).toBeUndefined();
  expect(await series(["/set-cookie-store"], ["/set-cookie-store"])).toEqual(["MISS 1", "HIT 1"]);
  expect((await origin.get("/set-cookie-store")).headers["set-cookie"]).toEqual(["id=1"]);
});

test("ignoreRequestControl: a reload is answered from the cache", async () => {
  origin.counts("/ignore", LONG);
  expect(await series(["/ignore"], ["/ignore", { "Cache-Control": "no-cache", Pragma: "no-cache" }])).toEqual([
    "MISS 1",
    "HIT 1",
  ]);
});

import { ask } from "./support/http-client.ts";
import { Origin, told } from "./support/origin.ts";
import { eventually } from "./support/raw-client.ts";

let origin: Origin;
beforeAll(async () => {
  origin = await Origin.start({
    auth: {
      apiKeys: [
        { name: "alice", key: "key-of-alice" },
        { name: "bob", key: "key-of-bob" },
      ],
    },
    routes: [
      { path: "/keyed", auth: "api-key" },
      { path: "/brief", auth: "none", cache: { ttl: "1s" } },
      { path: "/off", auth: "none", cache: false },
      { path: "/", auth: "none" },
    ],
  });
});
afterAll(() => origin.stop());

const alice = { "X-API-Key": "key-of-alice" };
const bob = { "X-API-Key": "key-of-bob" };

describe("storing", () => {
  test("the first request is a MISS and the second a HIT with Age, each told in X-Cache and Cache-Status", async () => {
    origin.counts("/plain");
    const miss = await origin.get("/plain");
    expect(told(miss)).toBe("MISS 1");
    expect(miss.headers["cache-status"]).toMatch(/^headgate; fwd=uri-miss; ttl=(300|299); stored$/);
    expect(miss.headers.age).toBeUndefined();
    const hit = await origin.get("/plain");
    expect(told(hit)).toBe("HIT 1");
    expect(hit.headers["cache-status"]).toMatch(/^headgate; hit; ttl=(300|29\d)$/);
    expect(hit.headers.age).toMatch(/^\d$/);
    expect(hit.headers["x-backend-server"]).toBe(origin.backend.id);
    expect(origin.asked("/plain")).toBe(1);
  });

  test("the age that a response came with counts", async () => {
    origin.counts("/aged", { "Cache-Control": "max-age=1000", Age: "400" });
    await origin.get("/aged");
    const { headers } = await origin.get("/aged");
    expect(Number(headers.age)).toBeGreaterThanOrEqual(400);
    expect(headers["cache-status"]).toMatch(/^headgate; hit; ttl=(600|59\d)$/);
  });

  test("query, host and method are told apart", async () => {
    origin.counts("/apart");
    expect(told(await origin.get("/apart?x=1"))).toBe("MISS 1");
    expect(told(await origin.get("/apart?x=2"))).toBe("MISS 2");
    expect(told(await origin.get("/apart", { Host: "a.example" }))).toBe("MISS 3");
    expect(told(await origin.get("/apart", { Host: "b.example" }))).toBe("MISS 4");
    expect(told(await origin.get("/apart", {}, { method: "OPTIONS" }))).toBe("BYPASS 5");
    expect(told(await origin.get("/apart?x=1"))).toBe("HIT 1");
    expect(told(await origin.get("/apart", { Host: "a.example" }))).toBe("HIT 3");
  });

  test.each([
    ["no-store", { "Cache-Control": "no-store" }, "no-store"],
    ["private", { "Cache-Control": "private, max-age=60" }, "private"],
    ["a cookie", { "Set-Cookie": "session=1" }, "set-cookie"],
    ["Vary: *", { Vary: "*" }, "vary-star"],
  ])("a response with %s is not stored, and why is told", async (name, fields, reason) => {
    const path = `/unstored-${name.replaceAll(/\W/g, "")}`;
    origin.counts(path, fields);
    const first = await origin.get(path);
    expect(told(first)).toBe("MISS 1");
    expect(first.headers["cache-status"]).toBe(`headgate; fwd=uri-miss; detail=${reason}`);
    expect(told(await origin.get(path))).toBe("MISS 2");
  });

  test("a body that breaks off is not stored and not passed off as whole", async () => {
    for (const framing of ["length", "chunked"]) {
      const path = `/cut-${framing}`;
      origin.at(path, (_request, response) => {
        if (framing === "length") response.setHeader("Content-Length", 1000);
        response.write("half of it", () => response.destroy());
      });
      // What is held back until it is whole was never begun for the client; else the connection must end with it.
      if (framing === "length") expect(await origin.get(path)).toMatchObject({ status: 502 });
      else await expect(origin.get(path)).rejects.toMatchObject({ code: "ECONNRESET" });
      origin.counts(path);
      expect(told(await origin.get(path))).toBe("MISS 1");
      expect(told(await origin.get(path))).toBe("HIT 1");
    }
  });

  test("a request with Authorization is not stored unless the response allows it", async () => {
    const authorization = { Authorization: "Bearer of-one" };
    origin.counts("/authorized", { "Cache-Control": "max-age=60" });
    expect(told(await origin.get("/authorized", authorization))).toBe("MISS 1");
    expect(told(await origin.get("/authorized", authorization))).toBe("MISS 2");
    origin.counts("/authorized-public", { "Cache-Control": "public, max-age=60" });
    expect(told(await origin.get("/authorized-public", authorization))).toBe("MISS 1");
    expect(told(await origin.get("/authorized-public"))).toBe("HIT 1");
  });
});

describe("identity", () => {
  test("what one key got is not given to another", async () => {
    origin.counts("/keyed/own", { "Cache-Control": "max-age=60" });
    expect(told(await origin.get("/keyed/own", alice))).toBe("MISS 1");
    expect(told(await origin.get("/keyed/own", bob))).toBe("MISS 2");
    expect(told(await origin.get("/keyed/own", alice))).toBe("HIT 1");
    expect(told(await origin.get("/keyed/own", bob))).toBe("HIT 2");
    expect((await origin.get("/keyed/own")).status).toBe(401);
  });

  test.each(["public, max-age=60", "s-maxage=60"])("a response with %s is shared by all keys", async (control) => {
    const path = `/keyed/shared-${control.length}`;
    origin.counts(path, { "Cache-Control": control });
    expect(told(await origin.get(path, alice))).toBe("MISS 1");
    expect(told(await origin.get(path, bob))).toBe("HIT 1");
    expect((await origin.get(path)).status).toBe(401);
  });
});

describe("lifetime", () => {
  test("a response is fresh as long as it says, and then goes", async () => {
    origin.counts("/second", { "Cache-Control": "max-age=1" });
    expect(told(await origin.get("/second"))).toBe("MISS 1");
    await eventually(async () => told(await origin.get("/second")) === "MISS 2", "it is fetched anew");
  });

  test("without a word of its own it lives as long as the route says", async () => {
    origin.counts("/brief");
    const first = await origin.get("/brief");
    expect(first.headers["cache-status"]).toMatch(/; ttl=[01]; stored$/);
    await eventually(async () => told(await origin.get("/brief")) === "MISS 2", "it is fetched anew");
  });

  test("a stale response with a validator is validated: 304 brings it back", async () => {
    origin.at("/validated", (request, response) => {
      const fields = { ETag: '"v1"', "Cache-Control": "max-age=1" };
      if (request.headers["if-none-match"] === '"v1"') response.writeHead(304, fields).end();
      else response.writeHead(200, fields).end("body");
    });
    expect(told(await origin.get("/validated"))).toBe("MISS body");
    await eventually(async () => {
      const answer = await origin.get("/validated");
      if (told(answer) === "HIT body") return false;
      expect(told(answer)).toBe("REVALIDATED body");
      expect(answer.headers["cache-status"]).toMatch(/^headgate; fwd=stale; fwd-status=304/);
      return true;
    }, "it is validated");
  });

  test("stale-while-revalidate: the stale one at once, a new one after it", async () => {
    origin.counts("/swr", { "Cache-Control": "max-age=1, stale-while-revalidate=60" });
    expect(told(await origin.get("/swr"))).toBe("MISS 1");
    await eventually(async () => told(await origin.get("/swr")) === "STALE 1", "it is stale");
    await eventually(async () => /^HIT [2-9]/.test(told(await origin.get("/swr"))), "it has been renewed");
  });

  test("stale-if-error: the stale one where the backend fails, and only there", async () => {
    let failing = false;
    origin.at("/sie", (_request, response) => {
      if (failing) response.statusCode = 503;
      else response.setHeader("Cache-Control", "max-age=1, stale-if-error=60");
      response.end(failing ? "failed" : "fine");
    });
    expect(told(await origin.get("/sie"))).toBe("MISS fine");
    failing = true;
    await eventually(async () => told(await origin.get("/sie")) === "STALE fine", "the stale one stands in");
    const { status, headers } = await origin.get("/sie");
    expect(status).toBe(200);
    expect(headers["cache-status"]).toMatch(/fwd=stale; fwd-status=503/);
    failing = false;
    expect(told(await origin.get("/sie"))).toBe("MISS fine");
  });
});

describe("what a request asks for", () => {
  test.each([
    ["no-store", "BYPASS", "headgate; fwd=bypass; detail=no-store"],
    ["no-cache", "MISS", "headgate; fwd=request"],
    ["max-age=0", "MISS", "headgate; fwd=request"],
  ])("Cache-Control: %s goes to the backend", async (control, xCache, status) => {
    const path = `/asks-${control.replaceAll(/\W/g, "")}`;
    origin.counts(path);
    await origin.get(path);
    const stored = Date.now();
    // In the same millisecond its age is 0, with which max-age=0 is content.
    await eventually(() => Date.now() > stored, "it has an age");
    const answer = await origin.get(path, { "Cache-Control": control });
    expect(told(answer)).toBe(`${xCache} 2`);
    expect(answer.headers["cache-status"]).toContain(status);
  });

  test("only-if-cached: what is stored, or 504", async () => {
    origin.counts("/only");
    const onlyIfCached = { "Cache-Control": "only-if-cached" };
    const { status, headers, text } = await origin.get("/only", onlyIfCached);
    expect({ status, code: JSON.parse(text).code }).toEqual({ status: 504, code: "only-if-cached" });
    expect(headers["content-type"]).toBe("application/problem+json");
    expect(origin.asked("/only")).toBe(0);
    await origin.get("/only");
    expect(told(await origin.get("/only", onlyIfCached))).toBe("HIT 1");
  });

  test("a route without cache passes it by", async () => {
    origin.counts("/off", { "Cache-Control": "max-age=60" });
    const first = await origin.get("/off");
    expect(told(first)).toBe("BYPASS 1");
    expect(first.headers["cache-status"]).toBe("headgate; fwd=bypass; detail=route");
    expect(told(await origin.get("/off"))).toBe("BYPASS 2");
  });

  test.each(["POST", "PUT", "PATCH", "DELETE"])(
    "%s invalidates what is stored for its URL, if it succeeds",
    async (method) => {
      const path = `/changed-by-${method.toLowerCase()}`;
      let version = 1;
      let status = 500;
      origin.at(path, (request, response) => {
        if (request.method !== "GET") response.statusCode = status;
        response.end(String(version));
      });
      await origin.get(path);
      version = 2;
      expect((await ask(origin.url(path), { method, body: "x" })).status).toBe(500);
      expect(told(await origin.get(path))).toBe("HIT 1");
      status = 200;
      expect(told(await ask(origin.url(path), { method, body: "x" }))).toBe("BYPASS 2");
      expect(told(await origin.get(path))).toBe("MISS 2");
    },
  );
});

import { Origin, told } from "./support/origin.ts";
import { eventually } from "./support/raw-client.ts";

let origin: Origin;
beforeAll(async () => {
  origin = await Origin.start({ cache: { ttl: 0 } });
});
afterAll(() => origin.stop());

/** Answers once, and breaks every later connection off. */
function diesAfterFirst(path: string, control: string): void {
  let count = 0;
  origin.at(path, (_request, response) => {
    if (++count > 1) response.destroy();
    else response.writeHead(200, { "Cache-Control": control, ETag: '"1"' }).end("first");
  });
}

const age = (path: string) =>
  eventually(
    async () => (await origin.get(path, { "Cache-Control": "only-if-cached" })).status === 504,
    `${path} is stale`,
  );

test("a backend that broke off: the stale response, where nothing forbids it", async () => {
  diesAfterFirst("/allowed", "max-age=1");
  await origin.get("/allowed");
  await age("/allowed");
  const answer = await origin.get("/allowed");
  expect(told(answer)).toBe("STALE first");
  expect(answer.headers["cache-status"]).toMatch(/^headgate; fwd=stale; ttl=-\d+; detail=disconnect$/);
});

test.each(["must-revalidate", "proxy-revalidate", "s-maxage=1"])(
  "504 where %s forbids it, with what was wrong with the backend",
  async (rule) => {
    const path = `/forbidden-${rule.slice(0, 5)}`;
    diesAfterFirst(path, `max-age=1, ${rule}`);
    await origin.get(path);
    await age(path);
    const { status, headers, text } = await origin.get(path);
    const { code, detail } = JSON.parse(text);
    expect({ status, code }).toEqual({ status: 504, code: "revalidation-failed" });
    expect(detail).toContain(`The backend ${origin.backend.id} broke the connection off`);
    expect(headers["proxy-status"]).toContain("error=connection_terminated");
  },
);

test("stale-while-revalidate: at once, and once in the background, with the fields of the request", async () => {
  let count = 0;
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  origin.at("/swr", async ({ headers }, response) => {
    const nth = ++count;
    if (nth > 1) await released;
    response.writeHead(200, { "Cache-Control": "max-age=1, stale-while-revalidate=60" });
    response.end(`${nth} ${headers["x-own"] ?? "-"}`);
  });
  expect(told(await origin.get("/swr"))).toBe("MISS 1 -");
  await eventually(async () => {
    const answer = await origin.get("/swr", { "X-Own": "mine" });
    return answer.headers["x-cache"] === "STALE";
  }, "it is stale");
  const crowd = await Promise.all(Array.from({ length: 50 }, () => origin.get("/swr")));
  expect(new Set(crowd.map(told))).toEqual(new Set(["STALE 1 -"]));
  await eventually(() => origin.asked("/swr") === 2, "it is renewed");
  release();
  await eventually(async () => (await origin.get("/swr")).text === "2 mine", "what is new is served");
  expect(origin.backend.seen("/swr").at(1)?.headers["x-own"]).toBe("mine");
});

test("102 and 103 are passed on and not stored", async () => {
  origin.at("/hints", (_request, response) => {
    response.writeProcessing();
    response.writeEarlyHints({ link: "</style.css>; rel=preload" }, () => {
      response.writeHead(200, { "Cache-Control": "max-age=60" }).end("page");
    });
  });
  const miss = await origin.get("/hints");
  expect(told(miss)).toBe("MISS page");
  const hit = await origin.get("/hints");
  expect([told(hit), hit.headers.link]).toEqual(["HIT page", undefined]);
});

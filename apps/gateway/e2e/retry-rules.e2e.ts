import type { LedgerBackend } from "./support/ledger-backend.ts";
import { scenes } from "./support/scene.ts";

const scene = scenes();

/** Two backends, of which the first is busy and says when to come again. */
async function busy(retryAfter: string): Promise<[LedgerBackend, LedgerBackend]> {
  const backends = await scene.backends(2, { moment: 1 });
  const [one, other] = backends as [LedgerBackend, LedgerBackend];
  await one.behave({ status: 503, fields: { "Retry-After": retryAfter } });
  await scene.start(backends, { retries: { on: [503] }, outlier: false });
  return [one, other];
}

test("a Retry-After of a second is waited for, and then another backend is asked", async () => {
  const [one, other] = await busy("1");
  const began = performance.now();
  const answers = await Promise.all([1, 2, 3, 4].map((id) => scene.ask(`/run?id=${id}`)));
  expect(answers.map(({ status, headers }) => [status, headers["x-backend-server"]])).toEqual(
    answers.map(() => [200, other.id]),
  );
  expect(performance.now() - began).toBeGreaterThanOrEqual(1000);
  const ran = [...scene.runs().values()];
  expect(ran.filter(([first]) => first === one.id)).toEqual([
    [one.id, other.id],
    [one.id, other.id],
  ]);
});

test("one of a minute is for the client, who gets the answer as it is, at once", async () => {
  const [one, other] = await busy("60");
  const answers = await Promise.all([1, 2].map((id) => scene.ask(`/run?id=${id}`)));
  const told = answers.map(({ status, headers }) => [headers["x-backend-server"], status, headers["retry-after"]]);
  expect(told.sort()).toEqual(
    [
      [one.id, 503, "60"],
      [other.id, 200, undefined],
    ].sort(),
  );
});

test("a POST with an Idempotency-Key is tried again on a route that says so, and no other POST ever is", async () => {
  const backends = await scene.backends(2, { moment: 1 });
  const [bad, well] = backends as [LedgerBackend, LedgerBackend];
  await bad.behave({ fault: "reset" });
  const retries = { holdTime: "5s" };
  const routes = [
    { path: "/keyed", auth: "none" as const, idempotencyKey: true },
    { path: "/", auth: "none" as const },
  ];
  const urls = backends.map(({ id }) => `http://${id}`);
  await scene.startPools({ default: { backends: urls, retries, outlier: false } }, { routes });
  const key = { "Idempotency-Key": '"8e03978e"' };
  /** Four POSTs, of which two meet the bad one: their statuses. */
  const posts = async (path: string, headers: Record<string, string>): Promise<number[]> => {
    const statuses: number[] = [];
    for (const number of [1, 2, 3, 4]) {
      const body = `${path.slice(1)}-${Object.keys(headers).length}-${number}`;
      statuses.push((await scene.ask(path, { method: "POST", headers, body })).status);
    }
    return statuses.sort();
  };
  expect(await posts("/keyed", key)).toEqual([200, 200, 200, 200]);
  expect(await posts("/keyed", {})).toEqual([200, 200, 502, 502]);
  expect(await posts("/plain", key)).toEqual([200, 200, 502, 502]);
  for (const [id, by] of scene.runs("POST")) {
    if (!id.startsWith("keyed-1")) expect(by).toHaveLength(1);
    else expect(by.at(-1)).toBe(well.id);
  }
});

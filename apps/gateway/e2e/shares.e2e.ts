import type { LedgerBackend } from "./support/ledger-backend.ts";
import { RPS, scenes } from "./support/scene.ts";

const scene = scenes();

const USERS = Array.from({ length: 60 }, (_, user) => `user-${user}`);

/** Which backend serves each user. */
async function homes(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const user of USERS) {
    const { status, headers } = await scene.ask("/run", { headers: { "X-User": user } });
    expect(status).toBe(200);
    found.set(user, String(headers["x-backend-server"]));
  }
  return found;
}

/** The users that `after` has elsewhere than `before`. */
const moved = (before: Map<string, string>, after: Map<string, string>): string[] =>
  USERS.filter((user) => before.get(user) !== after.get(user));

test.each(["ring", "maglev"])(
  "consistent hashing (%s): a user has one backend; where one leaves, only its users move, and come back with it",
  async (table) => {
    const backends = await scene.backends(4, { moment: 1 });
    await scene.start(backends, { balancing: { policy: "consistent-hash", on: "header", name: "X-User", table } });
    const before = await homes();
    expect(new Set(before.values()).size).toBe(4);
    expect(moved(before, await homes())).toEqual([]);
    const [gone] = backends as [LedgerBackend];
    const its = USERS.filter((user) => before.get(user) === gone.id);
    await gone.kill();
    await homes();
    const without = await homes();
    const others = moved(before, without).filter((user) => !its.includes(user));
    expect(its.filter((user) => without.get(user) === gone.id)).toEqual([]);
    // Maglev's table moves a few others as well.
    expect(others.length).toBeLessThanOrEqual(table === "ring" ? 0 : USERS.length / 10);
    await gone.start();
    await scene.until(gone, "it is back", ({ state, ejected }) => state === "HEALTHY" && !ejected);
    expect(moved(before, await homes())).toEqual([]);
  },
);

test("weights of 5, 3, 1 and 1 are the shares of 300 requests a second, to the request", async () => {
  const backends = await scene.backends(4, { moment: 5 });
  const weights = [5, 3, 1, 1];
  const weighted = backends.map(({ id }, index) => ({ url: `http://${id}`, weight: weights[index] }));
  await scene.startPools({ default: { backends: weighted, balancing: "weighted-round-robin" } });
  const load = scene.load();
  await load.goesOn(RPS);
  await load.stop();
  expect(load.failures).toEqual([]);
  for (const [index, { id }] of backends.entries()) {
    const share = ((weights[index] ?? 0) / 10) * load.sent;
    expect(Math.abs(load.servedBy(id) - share)).toBeLessThanOrEqual(5);
  }
});

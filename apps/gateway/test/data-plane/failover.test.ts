import * as fc from "fast-check";
import { balance } from "../../src/layers/balance.ts";
import { retry } from "../../src/layers/retry.ts";
import { aRequest, coded, TestClock, TestPool } from "./support/upstream.ts";

/** A request through retry and balance to a pool of which some backends refuse. */
async function failOver(backends: number, refusing: ReadonlySet<number>, retries: number, ejects: boolean) {
  const met: string[] = [];
  const ports = Array.from({ length: backends }, (_, index) => 8000 + index);
  const pool = new TestPool(ports, (driven, id) => {
    met.push(id);
    if (refusing.has(Number(id.slice(-1)))) driven.fail(coded("ECONNREFUSED"));
    else driven.start().head(200).end();
  });
  Object.assign(pool, { retries, ejects });
  const parts = { clock: new TestClock(), random: () => 0 };
  const fetch = retry({ ...parts, tryOnce: balance(parts) });
  const error = await fetch(aRequest({ pool, method: "POST" })).then(
    () => null,
    (reason: unknown) => reason,
  );
  return { met, error, pool };
}

const scenes = fc.tuple(
  fc.integer({ min: 1, max: 5 }),
  fc.uniqueArray(fc.nat(4)).map((indexes) => new Set(indexes)),
  fc.nat(6),
  fc.boolean(),
);

test("whichever refuse: each is tried once before any is tried again, as often as allowed, and one that is well answers", async () => {
  await fc.assert(
    fc.asyncProperty(scenes, async ([backends, refusing, retries, ejects]) => {
      const { met, error, pool } = await failOver(backends, refusing, retries, ejects);
      const well = backends - [...refusing].filter((index) => index < backends).length;
      expect(new Set(met).size).toBe(Math.min(met.length, backends));
      expect(met.length).toBeLessThanOrEqual(retries + 1);
      if (well > 0 && retries >= backends - well) expect(error).toBeNull();
      if (well === 0)
        expect(error).toMatchObject(ejects ? { code: "no-healthy-backend" } : { failure: { kind: "refused" } });
      expect(pool.balancer.active).toBe(0);
    }),
  );
});

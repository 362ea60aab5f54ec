import { type BackendId, createPolicy, PLAIN_POLICIES, type PolicySpec, Pool } from "@headgate/balancer";
import { seededRandom } from "@headgate/testing";
import { bench, do_not_optimize, group } from "mitata";

const SPECS: readonly PolicySpec[] = [
  ...PLAIN_POLICIES,
  { policy: "consistent-hash", table: "ring" },
  { policy: "consistent-hash", table: "maglev" },
];
const NOW = 1_800_000_000_000;

function nameOf(spec: PolicySpec): string {
  return typeof spec === "string" ? spec : `${spec.policy} (${spec.table ?? "ring"})`;
}

function poolOf(spec: PolicySpec, size: number): Pool {
  const pool = new Pool("default", createPolicy(spec));
  for (let at = 0; at < size; at += 1) {
    const id = `10.0.${at >> 8}.${at & 255}:8000` as BackendId;
    pool.add({ id, url: `http://${id}`, weight: 1 + (at % 3) });
    pool.setAvailable(id, true);
  }
  return pool;
}

for (const size of [4, 100, 1000]) {
  group(`balancer: choose and release, ${size} backends`, () => {
    for (const spec of SPECS) {
      const pool = poolOf(spec, size);
      const random = seededRandom(1);
      let turn = 0;
      bench(nameOf(spec), () => {
        turn += 1;
        const choice = pool.choose({ tried: null, now: NOW + turn, random, hashKey: `client ${turn & 1023}` });
        if (choice.kind === "chosen") pool.release(choice.backend, { latency: 5, failed: false, now: NOW + turn + 5 });
        do_not_optimize(choice);
      });
    }
  });
}

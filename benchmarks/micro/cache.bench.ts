import {
  type CacheKey,
  type CacheRequest,
  cacheStatus,
  compilePolicy,
  finishEntry,
  joinBody,
  MemoryStore,
  planLookup,
  planRequest,
  planServe,
  planStore,
  type StoredEntry,
} from "@headgate/cache";
import { bench, do_not_optimize, group } from "mitata";
import { BROWSER_FIELDS } from "./browser.ts";

const NOW = 1_800_000_000_000;
const policy = compilePolicy();
const request: CacheRequest = {
  ...{ method: "GET", scheme: "https", host: "shop.example.com", path: "/products/17?color=red" },
  ...{ fields: BROWSER_FIELDS, identity: null, hasBody: false },
};
const plan = planRequest(request, policy);
if (plan.kind !== "lookup") throw new Error(`a browser's GET is not looked up: ${plan.reason}`);
const { demands, key } = plan;

const response = {
  ...{ request, demands, policy, requestTime: NOW, responseTime: NOW + 5, status: 200, backend: "127.0.0.1:8001" },
  fields: [
    ...["Content-Type", "text/html; charset=utf-8", "Cache-Control", "public, max-age=600", "Content-Length", "1024"],
    ...["Date", new Date(NOW).toUTCString(), "ETag", '"v1"', "Vary", "Accept-Encoding"],
  ],
};

function store(): StoredEntry {
  const stored = planStore(response);
  if (stored.kind !== "store") throw new Error(`the response is not stored: ${stored.reason}`);
  const finished = finishEntry(stored.head, joinBody([Buffer.alloc(1024, "x")]));
  if (finished.kind !== "entry") throw new Error("the response's body is not stored");
  return finished.entry;
}

const entry = store();
const filled = [100, 10_000].map((entries) => {
  const memory = new MemoryStore({ entries: entries + 1, bytes: 2 ** 30 });
  for (let at = 0; at < entries; at += 1) memory.put(`https://h/${at}` as CacheKey, entry, NOW);
  memory.put(key, entry, NOW);
  return { entries, memory };
});

group("cache: a hit", () => {
  bench("planRequest", () => do_not_optimize(planRequest(request, policy)));
  for (const { entries, memory } of filled) {
    bench(`MemoryStore.get among ${entries}`, () => do_not_optimize(memory.get(key, NOW + 1000)));
  }
  bench("planLookup", () => do_not_optimize(planLookup(request, demands, [entry], NOW + 1000)));
  bench("planServe", () => do_not_optimize(planServe(request, demands, entry, NOW + 1000)));
  bench("cacheStatus", () => do_not_optimize(cacheStatus({ kind: "hit", ttl: 599_000 })));
});

group("cache: a miss", () => {
  bench("planLookup", () => do_not_optimize(planLookup(request, demands, [], NOW)));
  bench("planStore", () => do_not_optimize(planStore(response)));
  bench("cacheStatus", () => do_not_optimize(cacheStatus({ kind: "forward", fwd: "uri-miss", stored: true })));
});

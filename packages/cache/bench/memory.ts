// What the memory store counts against what the process then takes, for small and large bodies.
// `node --expose-gc packages/cache/bench/memory.ts [entries]`
import { DATED, type FieldLines, repeatedLines, SIZED } from "@headgate/http";
import { seededRandom } from "@headgate/testing";
import {
  type CacheKey,
  compilePolicy,
  finishEntry,
  joinBody,
  MemoryStore,
  NO_DEMANDS,
  planStore,
  primaryKey,
} from "../src/index.ts";

const [entries = 20_000] = process.argv.slice(2).map(Number);
const policy = compilePolicy();
const random = seededRandom(1);
const MIB = 1024 * 1024;

/** A text as it comes off a socket: flat, one byte a character, of its own. */
function flat(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}

function hex(): string {
  return flat(Math.floor(random() * 2 ** 48).toString(16));
}

function fields(): string[] {
  const pairs = [
    ["Content-Type", "application/json; charset=utf-8"],
    ["Cache-Control", "public, max-age=600"],
    ["Date", "Thu, 01 Jan 2026 00:00:00 GMT"],
    ["ETag", `"${hex()}"`],
    ["Vary", "Accept-Encoding"],
    ["X-Request-Id", hex()],
    ["Surrogate-Key", `item-${hex()} all`],
  ];
  return pairs.flat().map(flat);
}

function linesOf(fields: readonly string[]): FieldLines {
  let lines = "";
  for (let i = 0; i < fields.length; i += 2) lines += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return { lines, told: SIZED | DATED };
}

function put(store: MemoryStore, index: number, bodyBytes: number): void {
  const path = flat(`/api/v1/items/${index}?fields=name,price`);
  const accept = ["Accept-Encoding", flat("gzip, deflate, br")];
  const request = {
    method: "GET",
    scheme: "https",
    host: "h",
    path,
    fields: accept,
    identity: null,
    hasBody: false,
  };
  const times = { requestTime: 1.5, responseTime: 1.5 };
  const plan = planStore({
    request,
    demands: NO_DEMANDS,
    policy,
    ...times,
    status: 200,
    fields: fields(),
    backend: "127.0.0.1:8000",
  });
  if (plan.kind !== "store") return;
  const finished = finishEntry(plan.head, joinBody([Buffer.alloc(bodyBytes, "x")]));
  const key: CacheKey = flat(primaryKey(request, policy)) as CacheKey;
  if (finished.kind !== "entry") return;
  store.put(key, finished.entry, times.responseTime);
  // As if it had been sent twice.
  for (let sent = 0; sent < 2; sent += 1) repeatedLines(finished.entry, linesOf);
}

function used(): { readonly rss: number; readonly held: number } {
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, held: heapUsed + external };
}

function measure(bodyBytes: number): void {
  const before = used();
  const store = new MemoryStore({ entries: entries + 1, bytes: 4096 * MIB });
  for (let index = 0; index < entries; index += 1) put(store, index, bodyBytes);
  const after = used();
  const counted = store.stats().bytes;
  const perEntry = (bytes: number): string => `${Math.round(bytes / store.stats().entries)}`.padStart(7);
  process.stdout.write(
    `${String(bodyBytes).padStart(7)} ${perEntry(counted)} ${perEntry(after.held - before.held)} ${perEntry(after.rss - before.rss)}\n`,
  );
}

process.stdout.write(`${entries} entries, bytes each\n   body counted    held     RSS\n`);
for (const bodyBytes of [0, 100, 1000, 10_000]) measure(bodyBytes);
